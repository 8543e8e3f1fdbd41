//! Percentages of a capacity, as plain numbers.

use policy_cloudwatch::adjust::Adjustment;

#[test]
fn adj_04_a_percentage_is_cut_towards_zero_but_one_at_the_least() {
    // 12.7, 0.67, -0.58, -6.67 as percentages of whole groups.
    let percent = |amount, base| {
        let wanted = Adjustment::Percent { least: 0 }.apply(amount, base);
        i64::from(wanted) - i64::from(base)
    };
    assert_eq!(
        [percent(10, 127), percent(67, 1), percent(-58, 1), percent(-29, 23)],
        [12, 1, -1, -6]
    );
}

#[test]
fn a_percentage_of_nothing_adds_and_takes_nothing_away() {
    let percent = |least, amount| Adjustment::Percent { least }.apply(amount, 0);
    assert_eq!([percent(0, 10), percent(3, 10), percent(3, -10), percent(3, 0)], [1, 3, 0, 0]);
    // No change is no reason to take the least away (Heat does).
    assert_eq!(Adjustment::Percent { least: 2 }.apply(0, 10), 10);
}
