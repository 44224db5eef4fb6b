//! What can be had without waiting.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// Polls a future once. What is still pending may be waited for afterwards: the waker of this task is known to it.
pub(crate) async fn at_once<F: Future + ?Sized>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}
