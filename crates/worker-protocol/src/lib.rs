//! Frames and messages between the program and its model workers.
