import { promiseForEachCell } from '../promise.ts';
import { ordersAsCompute } from './same-order.ts';

/*
 * "some dependencies impact compatibility between Storage and Compute (e.g., libicu version impacts collation
 * incompatibility)"; "some dependencies can cause database corruption if updated carelessly (locale => libc)". Walredo
 * compares no strings: what it makes is judged elsewhere, and order here.
 */

promiseForEachCell('collation', () => [ordersAsCompute('libc'), ordersAsCompute('icu')]);
