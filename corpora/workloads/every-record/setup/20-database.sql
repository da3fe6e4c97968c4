-- A database for the work to drop: 14 cannot make one without copying files behind the back of the WAL.
CREATE DATABASE obsolete TEMPLATE template0;
