//! Master key, wrapped keys and sealed audio files.
