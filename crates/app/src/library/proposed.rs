//! Rules a policy seems to state: from which policy, and for how long they count.

use super::shelf::version;
use iambilly_policy::criteria::Origin;
use iambilly_policy::versions::periods;
use iambilly_scrub::PayerRules;
use iambilly_scrub::payer::PayerRule;
use iambilly_store::{PolicyRow, PolicyRuleRow};
use jiff::civil::Date;

/// What proposals say of where they are from.
pub(crate) fn origin(policy: &PolicyRow, (from, to): (Date, Option<Date>)) -> Origin {
    Origin {
        payer: policy.payer.clone(),
        title: policy.title.clone(),
        number: policy.number.clone(),
        version: policy.version.clone(),
        from,
        to,
    }
}

/// The rules, each from a policy cut to the dates the policy is in force: a newer version ends the older one's rules.
pub(crate) fn clipped(
    rules: PayerRules,
    links: &[PolicyRuleRow],
    mut policies: Vec<PolicyRow>,
) -> PayerRules {
    if links.is_empty() {
        return rules;
    }
    policies.sort_by_key(|p| (p.added_at, p.id));
    let periods = periods(&policies.iter().map(version).collect::<Vec<_>>());
    let clip = |rule: &PayerRule| {
        let link = links.iter().find(|l| l.rule == rule.id);
        let at = link.and_then(|l| policies.iter().position(|p| p.id == l.policy));
        let Some(period) = at.and_then(|at| periods.get(at)) else { return Some(rule.clone()) };
        let to = match (rule.to, period.to) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let from = rule.from.max(period.from);
        to.is_none_or(|to| from <= to).then(|| PayerRule { from, to, ..rule.clone() })
    };
    rules.iter().filter_map(clip).collect()
}
