//! The one loop in which this provider waits, and the one in which it tries again: with back-off, told to the person, ended early.

use super::failure::{Failure, Outcome};
use super::resource::Cx;
use crate::diagnostics::Diagnostic;
use std::future::Future;
use std::time::{Duration, Instant};

/// How long a role or policy may take to be known everywhere (the window the original provider allows).
pub const IAM_PROPAGATION: Duration = Duration::from_secs(120);

/// What one look at the world gave.
#[derive(Debug)]
pub enum Look<T> {
    /// It is as wanted.
    Done(T),
    /// Not yet: why, in a few words.
    NotYet(String),
}

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Cx<'_> {
    /// Looks again and again until it is done, the time is over, or the person interrupts.
    pub async fn wait_until<T, F, Fut>(&self, what: &str, timeout: Duration, mut look: F) -> Outcome<T>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Outcome<Look<T>>>,
    {
        let start = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1u32;
        loop {
            let reason = match look().await? {
                Look::Done(value) => return Ok(value),
                Look::NotYet(reason) => reason,
            };
            if start.elapsed() + pause > timeout {
                return Err(Failure::said(
                    format!("Timed out waiting for {what}"),
                    format!("After {} s: {reason}.", start.elapsed().as_secs()),
                ));
            }
            self.progress.waiting(&format!("{what}: {reason} (attempt {attempt})"));
            self.pause(pause).await?;
            pause = (pause * 8 / 5).min(LONGEST_PAUSE);
            attempt += 1;
        }
    }

    /// Makes a call again while it fails in a way that passes: `passing` gives the reason for such a failure.
    pub async fn retry<T, F, Fut>(
        &self,
        timeout: Duration,
        passing: impl Fn(&Failure) -> Option<&'static str>,
        mut call: F,
    ) -> Outcome<T>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Outcome<T>>,
    {
        let start = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1u32;
        loop {
            let failure = match call().await {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            let Some(reason) = passing(&failure) else { return Err(failure) };
            if start.elapsed() + pause > timeout {
                return Err(failure);
            }
            self.progress.waiting(&format!("{reason} (attempt {attempt})"));
            self.pause(pause).await?;
            pause = (pause * 8 / 5).min(LONGEST_PAUSE);
            attempt += 1;
        }
    }

    /// Sleeps in small steps so that an interrupt ends it.
    async fn pause(&self, length: Duration) -> Outcome<()> {
        let step = Duration::from_millis(100);
        let mut left = length;
        while !left.is_zero() {
            if self.progress.interrupted() {
                return Err(Diagnostic::error(
                    "Interrupted while waiting",
                    "The wait was ended because the command was asked to stop.",
                )
                .hint("Run the command again: it goes on where this one stopped.")
                .into());
            }
            let now = left.min(step);
            tokio::time::sleep(now).await;
            left = left.saturating_sub(now);
        }
        Ok(())
    }
}

/// The reason when a new role or principal is not known everywhere yet.
pub fn propagating(failure: &Failure) -> Option<&'static str> {
    let (code, message) = (failure.code(), failure.message());
    match code {
        "MalformedPolicyDocument" | "MalformedPolicyDocumentException" | "MalformedPolicy"
            if message.contains("nvalid principal") || message.contains("invalid principals") =>
        {
            Some("a principal in the policy is not known everywhere yet")
        }
        "InvalidParameterValueException"
        | "InvalidParameterException"
        | "InvalidStructureException"
        | "ValidationException"
        | "InvalidInputException"
            if message.contains("annot be assumed")
                || message.contains("not authorized to perform")
                || message.contains("nvalid principal") =>
        {
            Some("the role cannot be assumed yet")
        }
        _ => None,
    }
}
