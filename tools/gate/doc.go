// Command gate is the one gate a change passes, on a laptop and in CI: `make test` builds it and runs it from the
// top of the checkout. It installs what the machine lacks (root on Debian; elsewhere it says what is missing),
// runs every part, prints the wall time of each, and fails when a part fails or all of it took over 20 minutes.
//
//	gate                      run every part
//	gate with-postgres CMD…   run one command with SANAD_TEST_PG naming a fresh private PostgreSQL
//
// A test that cannot run says why in the first word of its skip: "missing: strace" for a tool or a right the
// machine lacks (a failure when CI is set: the gate should have installed it), "absent: ../shared/ref/x" for
// material that is not in this repository (a failure when that folder is there after all). Any other skip fails
// in CI, so that no test falls asleep unnoticed.
package main
