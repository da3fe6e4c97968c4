import { promiseForEachCell } from '../promise.ts';
import { agreesWithBaseline, agreesWithCompute } from './artefacts.ts';

/*
 * "Compute team changes their build process to produce both 1. existing: compute image 2. existing: pg_install tarball
 * 2. new: the bundle". The three are of one build: what a compute node writes, the other two read.
 */

promiseForEachCell('contract', (cell, { firstHost, shape }) =>
  cell.host === firstHost ? [agreesWithCompute(), ...(shape.hasBaseline ? [agreesWithBaseline()] : [])] : [],
);
