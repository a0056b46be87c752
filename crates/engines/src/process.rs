//! One worker process: started, spoken to over two threads, always reaped.
//!
//! The reading thread is the one that starts the process, and it lives as long as the process does: on Linux
//! the worker asks to be killed with the *thread* that started it.

use iambilly_worker_protocol::{Reply, Request, Role, read_frame, write_json, write_samples};
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc as channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Secrets of the program that a worker must not inherit.
pub(crate) const NOT_FOR_WORKERS: [&str; 4] =
    ["IAMBILLY_PASSPHRASE", "IAMBILLY_PASSWORD", "IAMBILLY_TOTP", "IAMBILLY_DATA_DIR"];

/// How long a worker whose output has ended may take to leave before it is killed.
const LEAVING: Duration = Duration::from_secs(2);

/// What comes out of a worker.
#[derive(Debug)]
pub(crate) enum Event {
    /// It said something.
    Reply(Reply),
    /// It is gone, with the reason in the system's words.
    Ended(String),
}

enum Say {
    Request(Request),
    Audio(Arc<[f32]>),
}

/// A running worker; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    pid: u32,
    child: Arc<Mutex<Child>>,
    say: channel::Sender<Say>,
    events: UnboundedReceiver<Event>,
}

impl Process {
    /// Starts a worker program.
    pub(crate) fn start(program: &Path, role: Role) -> io::Result<Self> {
        let (tell, started) = channel::channel();
        let (send, events) = unbounded_channel();
        let program = program.to_owned();
        let name = format!("{role} worker");
        std::thread::Builder::new().name(name).spawn(move || attend(&program, &tell, &send))?;
        let (pid, child, say) =
            started.recv().map_err(|_| io::Error::other("the thread that starts it ended"))??;
        Ok(Self { pid, child, say, events })
    }

    pub(crate) const fn pid(&self) -> u32 {
        self.pid
    }

    /// Says something; if the worker is gone, its end is the next event.
    pub(crate) fn say(&self, request: Request) {
        let _ = self.say.send(Say::Request(request));
    }

    /// Sends audio after its request.
    pub(crate) fn send_audio(&self, samples: Arc<[f32]>) {
        let _ = self.say.send(Say::Audio(samples));
    }

    /// The next thing it says. After its end, its end again.
    pub(crate) async fn next(&mut self) -> Event {
        self.events.recv().await.unwrap_or_else(|| Event::Ended("it has ended".to_owned()))
    }

    /// True when its end has already been heard of.
    pub(crate) fn has_ended(&mut self) -> bool {
        loop {
            match self.events.try_recv() {
                Ok(Event::Ended(_)) | Err(tokio::sync::mpsc::error::TryRecvError::Disconnected) => {
                    return true;
                }
                Ok(Event::Reply(_)) => {}
                Err(tokio::sync::mpsc::error::TryRecvError::Empty) => return false,
            }
        }
    }

    pub(crate) fn kill(&self) {
        // A child already reaped refuses; that is what we wanted.
        let _ = self.child.lock().unwrap_or_else(PoisonError::into_inner).kill();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

type Started = io::Result<(u32, Arc<Mutex<Child>>, channel::Sender<Say>)>;

/// The life of the reading thread: start, read to the end, reap.
fn attend(program: &Path, tell: &channel::Sender<Started>, send: &UnboundedSender<Event>) {
    let mut command = Command::new(program);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    for name in NOT_FOR_WORKERS {
        command.env_remove(name);
    }
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(e) => {
            let _ = tell.send(Err(e));
            return;
        }
    };
    let (Some(mut stdin), Some(mut stdout)) = (child.stdin.take(), child.stdout.take()) else {
        let _ = child.kill();
        let _ = child.wait();
        let _ = tell.send(Err(io::Error::other("its pipes are missing")));
        return;
    };
    let (say, said) = channel::channel();
    let writer = std::thread::spawn(move || {
        for item in said {
            let written = match item {
                Say::Request(request) => write_json(&mut stdin, &request),
                Say::Audio(samples) => write_samples(&mut stdin, &samples),
            };
            if written.is_err() {
                return;
            }
        }
    });
    let pid = child.id();
    let child = Arc::new(Mutex::new(child));
    if tell.send(Ok((pid, Arc::clone(&child), say))).is_err() {
        let _ = child.lock().unwrap_or_else(PoisonError::into_inner).kill();
    }
    while let Ok(reply) = read_frame(&mut stdout).and_then(|frame| frame.message::<Reply>()) {
        if send.send(Event::Reply(reply)).is_err() {
            break;
        }
    }
    let reason = reap(&child);
    let _ = send.send(Event::Ended(reason));
    drop(writer); // It ends when the last sender of `say` goes, or at its next write.
}

/// Waits for the end of a process whose output is over; kills it if it does not come.
fn reap(child: &Mutex<Child>) -> String {
    let since = Instant::now();
    loop {
        let mut held = child.lock().unwrap_or_else(PoisonError::into_inner);
        match held.try_wait() {
            Ok(Some(status)) => return status.to_string(),
            Ok(None) if since.elapsed() > LEAVING => {
                let _ = held.kill();
            }
            Ok(None) => {}
            Err(e) => return e.to_string(),
        }
        drop(held);
        std::thread::sleep(Duration::from_millis(5));
    }
}
