//! Audio in: WAV reading, resampling, transcript assembly.
