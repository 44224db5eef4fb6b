//! End-to-end tests: the emulator behind its real listener, real clients in front of it. The tests are beside this folder.
