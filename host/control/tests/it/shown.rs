//! A plan as the tests show it.

use hooke_control::planner::Plan;

/// A plan with its chains, one line a step.
pub(crate) fn show(plan: &Plan) -> String {
    let mut text = String::new();
    for (profile, chain) in &plan.chains {
        text.push_str(&format!("{profile}: {}\n", chain.headline()));
        for shadow in &chain.shadows {
            let (answer, desired) = (&shadow.answer, shadow.desired);
            let text_of = format!("{} {}: {}", answer.policy, answer.said, answer.reason);
            text.push_str(&format!("  (shadow {text_of}; would want {desired})\n"));
        }
        for step in &chain.steps {
            let times =
                if step.times > 1 { format!(" ({} times)", step.times) } else { String::new() };
            text.push_str(&format!("  {}: {}{times}\n", step.stage.as_str(), step.text));
        }
    }
    for intent in &plan.intents {
        text.push_str(&format!("=> {}\n", intent.action));
    }
    text
}
