-- Databases whose every page is in the WAL: one that stays, one that goes.
CREATE DATABASE logged TEMPLATE template0 STRATEGY wal_log;
CREATE DATABASE dropped TEMPLATE template1 STRATEGY wal_log;
DROP DATABASE dropped;
