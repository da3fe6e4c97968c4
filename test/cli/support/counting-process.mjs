// Stands for a process of tests: says its suites, its counts, and how it ends.
const suites = process.argv.slice(2);
console.log(`tests of ${suites.join(' and ')}`);
if (process.env.DIES === suites[0]) process.kill(process.pid, 'SIGKILL');
process.send({ passed: 3, failed: process.env.FAILS === suites[0] ? 1 : 0, skipped: 0 });
if (process.env.FAILS === suites[0]) process.exitCode = 1;
