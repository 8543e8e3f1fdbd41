//! Who is asked next: the questions of a batch that nobody has taken yet, by
//! the pace of their policies. It asks nobody.

use std::collections::VecDeque;

use super::Question;
use crate::pace::Pace;

/// The questions that wait. Each is in the lane of a pace that its policy had;
/// it moves back when its turn comes and the policy has become slower.
#[derive(Debug)]
pub(super) struct Lanes<'a> {
    questions: &'a [Question<'a>],
    lanes: [VecDeque<usize>; Pace::ALL.len()],
}

impl<'a> Lanes<'a> {
    pub(super) fn new(questions: &'a [Question<'a>]) -> Self {
        let mut lanes = Pace::ALL.map(|_| VecDeque::new());
        for (at, question) in questions.iter().enumerate() {
            lanes[question.pace().get() as usize].push_back(at);
        }
        Self { questions, lanes }
    }

    /// The pace of the policy that is asked next; none when no question waits.
    pub(super) fn next_pace(&mut self) -> Option<Pace> {
        Pace::ALL.into_iter().find(|&pace| self.settle(pace))
    }

    /// How many questions wait.
    pub(super) fn len(&self) -> usize {
        self.lanes.iter().map(VecDeque::len).sum()
    }

    /// Takes the next question, by its position. What a policy that was never
    /// asked is asked besides waits until it is known how soon it answers, as
    /// long as there is anybody else to ask.
    pub(super) fn take(&mut self) -> Option<usize> {
        let pace = self.next_pace()?;
        let at = self.lanes[pace as usize].pop_front()?;
        let last = self.questions[at].pace();
        if last.get() == Pace::Unknown {
            last.set(Pace::Tried);
        }
        Some(at)
    }

    /// Moves on who has become slower since, until the first of the lane belongs
    /// there. Whether there is one.
    fn settle(&mut self, lane: Pace) -> bool {
        while let Some(&at) = self.lanes[lane as usize].front() {
            let pace = self.questions[at].pace().get();
            if pace <= lane {
                return true;
            }
            self.lanes[lane as usize].pop_front();
            self.lanes[pace as usize].push_back(at);
        }
        false
    }
}
