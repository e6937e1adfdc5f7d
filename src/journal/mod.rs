//! Records, their codec, the store of runs, recovery. It does not know what an effect does.
