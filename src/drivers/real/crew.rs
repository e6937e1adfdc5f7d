//! Threads that see commands to their end. One that is done waits for the next: a new thread for each command would cost
//! a short one more than all else that is done for it.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

/// What one of them does. It is lent room for one read of output, which stays from one command to the next.
type Job = Box<dyn FnOnce(&mut [u8]) + Send>;

/// As many threads as there were commands at once. They end with it, each after what it does.
pub(super) struct Crew {
    jobs: Sender<Job>,
    shared: Arc<Shared>,
}

struct Shared {
    jobs: Mutex<Receiver<Job>>,
    /// Threads that wait and for which no job is on its way.
    free: AtomicUsize,
    /// Room that each lends.
    room_bytes: usize,
}

impl Crew {
    /// Without a thread; each will lend a job `room_bytes`.
    pub(super) fn new(room_bytes: usize) -> Crew {
        let (sender, receiver) = channel();
        Crew {
            jobs: sender,
            shared: Arc::new(Shared { jobs: Mutex::new(receiver), free: AtomicUsize::new(0), room_bytes }),
        }
    }

    /// Has it done, at once. Fails where the system gives no thread.
    pub(super) fn give(&self, job: impl FnOnce(&mut [u8]) + Send + 'static) -> io::Result<()> {
        let take_one = |free: usize| free.checked_sub(1);
        if self.shared.free.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take_one).is_err() {
            let shared = Arc::clone(&self.shared);
            std::thread::Builder::new().name("command".to_owned()).spawn(move || shared.work())?;
        }
        // `shared` holds the receiver, so there is one.
        drop(self.jobs.send(Box::new(job)));
        Ok(())
    }
}

impl Shared {
    fn work(&self) {
        let mut room = vec![0; self.room_bytes];
        loop {
            let next = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            // The crew is gone.
            let Ok(job) = next else { return };
            job(&mut room);
            self.free.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::thread::ThreadId;

    use super::*;

    fn thread_of_a_job(crew: &Crew) -> ThreadId {
        let (said, heard) = channel();
        crew.give(move |_| said.send(std::thread::current().id()).unwrap()).unwrap();
        heard.recv().unwrap()
    }

    #[test]
    fn jobs_run_beside_one_another_and_threads_are_used_again() {
        let crew = Crew::new(8);
        let (arrived, arrivals) = channel();
        let (gate, opened) = channel::<()>();
        let opened = Arc::new(Mutex::new(opened));
        for _ in 0..3 {
            let (arrived, opened) = (arrived.clone(), Arc::clone(&opened));
            let job = move |room: &mut [u8]| {
                arrived.send((std::thread::current().id(), room.len())).unwrap();
                opened.lock().unwrap().recv().unwrap_err();
            };
            crew.give(job).unwrap();
        }
        // Each is there before any may go on.
        let threads: BTreeSet<String> = (0..3).map(|_| format!("{:?}", arrivals.recv().unwrap())).collect();
        assert_eq!(threads.len(), 3);
        drop(gate);
        while crew.shared.free.load(Ordering::SeqCst) < 3 {
            std::thread::yield_now();
        }
        let again = format!("{:?}", (thread_of_a_job(&crew), 8));
        assert!(threads.contains(&again), "{again} is none of {threads:?}");
    }

    #[test]
    fn its_threads_end_with_it() {
        let crew = Crew::new(1);
        thread_of_a_job(&crew);
        let shared = Arc::downgrade(&crew.shared);
        drop(crew);
        while shared.strong_count() > 0 {
            std::thread::yield_now();
        }
    }
}
