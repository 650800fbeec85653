//! The caller's handle of one call.

use tokio::sync::{mpsc, oneshot, watch};
use uac::machine::Refusal;
use uac::{Input, Snapshot};

/// One call to be placed.
#[derive(Debug, Clone)]
pub struct Dial {
    /// Number as the trunk wants it.
    pub number: String,
    /// Call-ID, unique for ever: made from the attempt's id.
    pub call_id: String,
    /// SDP offer, see [`crate::sdp::Session::offer`].
    pub offer: String,
}

/// What a leg's task is told by its handles.
#[derive(Debug)]
pub(crate) enum Command {
    /// For the call's machine.
    Input(Box<Input>),
    /// To write the call down.
    WriteDown(oneshot::Sender<Option<Snapshot>>),
}

/// A call under way. Its events come through [`crate::Events`]; when those are dropped, the call is
/// ended.
#[derive(Debug, Clone)]
pub struct Leg {
    pub(crate) commands: mpsc::UnboundedSender<Command>,
    pub(crate) left: watch::Receiver<bool>,
    pub(crate) over: watch::Receiver<bool>,
}

impl Leg {
    /// Gives up before the answer; after it, the same as [`Leg::hang_up`].
    pub fn cancel(&self) {
        self.tell(Input::Cancel(None));
    }

    /// Ends the call: CANCEL before the answer, BYE after it. `reason` becomes the Reason header
    /// (RFC 3326), for example `Q.850;cause=16`.
    pub fn hang_up(&self, reason: Option<String>) {
        self.tell(Input::HangUp(reason));
    }

    /// Answers [`crate::LegEvent::Reoffer`], to be called within 4 s of it; `None` refuses with 488.
    pub fn answer_reoffer(&self, sdp: Option<String>) {
        self.tell(Input::AnswerOffer(sdp));
    }

    /// Ready once a socket has taken the INVITE, or the call has ended without that.
    pub fn left(&self) -> impl Future<Output = ()> + Send + 'static {
        let (mut left, over) = (self.left.clone(), self.over());
        async move {
            tokio::select! {
                _ = left.wait_for(|left| *left) => {}
                () = over => {}
            }
        }
    }

    /// Ready once the call is over at the carrier as well: its terminal event has come, whoever read it. Bounded, for a
    /// silent peer is given up.
    pub fn over(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut over = self.over.clone();
        async move {
            // A task that is gone holds no call either.
            let _ = over.wait_for(|over| *over).await;
        }
    }

    /// Lets an inbound call ring with the caller.
    pub fn ring(&self) {
        self.tell(Input::Ring);
    }

    /// Answers an inbound call with this SDP; [`crate::LegEvent::Answered`] follows its ACK.
    pub fn accept(&self, sdp: String) {
        self.tell(Input::Accept(sdp));
    }

    /// Refuses an inbound call that is not answered yet; after the answer the same as [`Leg::hang_up`].
    pub fn refuse(&self, refusal: Refusal) {
        self.tell(Input::Refuse(refusal));
    }

    /// The state of the call, to be written down; see [`crate::Trunk::resume`]. It reaches beyond every event that was
    /// received. Only outbound calls that are not over and forgotten can be taken up again.
    pub async fn snapshot(&self) -> Option<Snapshot> {
        let (reply, written) = oneshot::channel();
        self.commands.send(Command::WriteDown(reply)).ok()?;
        written.await.ok()?
    }

    /// A call that is over takes no more commands.
    fn tell(&self, command: Input) {
        let _ = self.commands.send(Command::Input(Box::new(command)));
    }
}
