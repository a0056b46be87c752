//! The recorder's states and what moves it from one to the next. Pure: no clock, no device, no file.

use crate::view::MicrophoneState as State;

/// Something that happens to the recorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happening {
    /// A person wants to record.
    Start,
    /// The recording's file was made.
    FileMade,
    /// It could not be made.
    Refused,
    /// A person pauses.
    Pause,
    /// A person goes on.
    GoOn,
    /// The longest recording is reached.
    Longest,
}

/// The state after it; what has no meaning in a state changes nothing.
pub(super) const fn after(state: State, happening: Happening) -> State {
    match (state, happening) {
        (State::Ready, Happening::Start) => State::Starting,
        (State::Starting, Happening::Refused) => State::Ready,
        (State::Starting, Happening::FileMade) | (State::Paused, Happening::GoOn) => State::Recording,
        (State::Recording, Happening::Pause) => State::Paused,
        (State::Recording, Happening::Longest) => State::Full,
        (state, _) => state,
    }
}

/// What becomes of the sound that is heard in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sound {
    /// The last second stays in memory.
    LastSecond,
    /// All of it stays in memory, until the file is there.
    Waiting,
    /// It is sealed.
    Sealed,
    /// Nothing of it is kept.
    Dropped,
}

/// What becomes of the sound in a state.
pub(super) const fn sound(state: State) -> Sound {
    match state {
        State::Ready => Sound::LastSecond,
        State::Starting => Sound::Waiting,
        State::Recording => Sound::Sealed,
        State::Paused | State::Full => Sound::Dropped,
    }
}

#[cfg(test)]
mod tests {
    use super::Happening::{FileMade, GoOn, Longest, Pause, Refused, Start};
    use super::State::{Full, Paused, Ready, Recording, Starting};
    use super::{Sound, after, sound};

    #[test]
    fn each_state_has_one_answer_to_each_happening() {
        let happenings = [Start, FileMade, Refused, Pause, GoOn, Longest];
        let table = [
            (Ready, [Starting, Ready, Ready, Ready, Ready, Ready]),
            (Starting, [Starting, Recording, Ready, Starting, Starting, Starting]),
            (Recording, [Recording, Recording, Recording, Paused, Recording, Full]),
            (Paused, [Paused, Paused, Paused, Paused, Recording, Paused]),
            (Full, [Full; 6]),
        ];
        for (from, to) in table {
            for (happening, to) in happenings.into_iter().zip(to) {
                assert_eq!(after(from, happening), to, "{from:?} {happening:?}");
            }
        }
    }

    #[test]
    fn sound_is_sealed_in_one_state_only_and_kept_between_button_and_file() {
        let all = [Ready, Starting, Recording, Paused, Full].map(sound);
        let expected = [Sound::LastSecond, Sound::Waiting, Sound::Sealed, Sound::Dropped, Sound::Dropped];
        assert_eq!(all, expected);
    }
}
