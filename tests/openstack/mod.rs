//! What is done to an OpenStack: the real one that `DISCO_TEST_CLOUD` names, else the embedded engine behind a
//! `clouds.yaml`. `README.md` beside this file says how to run it against a cloud of one's own; stories
//! (`tests/scenarios`), changes (`tests/changes`) and the README's commands (`tests/examples`) run there, too.

mod killed;
mod residue;
mod trap;
