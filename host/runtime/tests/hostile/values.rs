//! Values that break the contract, in every direction: too long, at odd
//! addresses, of cases it does not have, of text that is none.

use expect_test::expect;

use crate::catalogue::check;

#[test]
fn values_of_two_gibibytes_are_refused() {
    check(
        "huge-values",
        &["0", "1", "2", "3", "4", "5"],
        expect![[r#"
            settings: it handed over a value that breaks the contract: list pointer/length out of bounds of memory
            0: failed, trap: it handed over a value that breaks the contract: string pointer/length out of bounds of memory
            1: failed, trap: it handed over a value that breaks the contract: string pointer/length out of bounds of memory
            2: failed, trap: it handed over a value that breaks the contract: string pointer/length out of bounds of memory; in function 0 < evaluate
            3: failed, trap: it handed over a value that breaks the contract: list pointer/length out of bounds of memory; in function 2 < evaluate
            4: failed, trap: it handed over a value that breaks the contract: string pointer/length out of bounds of memory; in function 1 < evaluate
            5: failed, trap: it handed over a value that breaks the contract: string pointer/length out of bounds of memory
        "#]],
    );
    check(
        "huge-describe",
        &["ocr"],
        expect![[r#"
            refused: policy guest: asked to describe itself it broke: it handed over a value that breaks the contract: string pointer/length out of bounds of memory. Its author has to repair it
        "#]],
    );
    check(
        "grown-describe",
        &["ocr"],
        expect![[r#"
            refused: policy guest: asked to describe itself it broke: over the limit value-bytes: more used than the 1 MiB allowed; the key is policies.limits.value_bytes. Its author has to repair it
        "#]],
    );
}

#[test]
fn many_problems_are_cut() {
    check(
        "problem-flood",
        &["ocr"],
        expect![[r#"
            problem: guest: A guest
            problem: guest: A guest
            ocr: wish +1: 
        "#]],
    );
}

#[test]
fn odd_addresses_are_refused() {
    check(
        "misaligned",
        &["0", "1", "2", "3"],
        expect![[r#"
            settings: it handed over a value that breaks the contract: list pointer is not aligned
            0: failed, trap: it handed over a value that breaks the contract: return pointer not aligned
            1: failed, trap: it handed over a value that breaks the contract: pointer out of bounds of memory
            2: failed, trap: it handed over a value that breaks the contract: pointer not aligned; in function 0 < evaluate
            3: failed, trap: it handed over a value that breaks the contract: pointer out of bounds; in function 0 < evaluate
        "#]],
    );
    check(
        "realloc-beyond",
        &["ocr"],
        expect![[r#"
            settings: it handed over a value that breaks the contract: realloc return: beyond end of memory
            ocr: failed, trap: it handed over a value that breaks the contract: realloc return: beyond end of memory
        "#]],
    );
    check(
        "realloc-odd",
        &["ocr"],
        expect![[r#"
            ocr: failed, trap: it handed over a value that breaks the contract: realloc return: result not aligned; in function 0 < evaluate
        "#]],
    );
}

#[test]
fn cases_that_are_not_in_the_contract_are_refused() {
    check(
        "wrong-cases",
        &["0", "1", "2"],
        expect![[r#"
            settings: it handed over a value that breaks the contract: invalid expected discriminant
            0: failed, trap: it handed over a value that breaks the contract: invalid expected discriminant
            1: failed, trap: it handed over a value that breaks the contract: unexpected discriminant: 9; in evaluate
            2: failed, trap: it handed over a value that breaks the contract: unexpected discriminant: 4294967295; in function 0 < evaluate
        "#]],
    );
    check(
        "wrong-option",
        &["ocr"],
        expect![[r#"
            refused: policy guest: asked to describe itself it broke: it handed over a value that breaks the contract: invalid option discriminant. Its author has to repair it
        "#]],
    );
    check(
        "bad-case",
        &["ocr"],
        expect![[r#"
            ocr: failed, trap: it handed over a value that breaks the contract: unexpected discriminant: 77
        "#]],
    );
}

#[test]
fn text_that_is_no_text_is_refused() {
    check(
        "bad-texts",
        &["0", "1", "2", "3", "4"],
        expect![[r#"
            settings: it handed over a value that breaks the contract: invalid utf-8 sequence of 1 bytes from index 0
            0: failed, trap: it handed over a value that breaks the contract: invalid utf-8 sequence of 1 bytes from index 0; in function 0 < evaluate
            1: failed, trap: it handed over a value that breaks the contract: invalid utf-8 sequence of 1 bytes from index 0; in function 1 < evaluate
            2: failed, trap: it handed over a value that breaks the contract: invalid utf-8 sequence of 1 bytes from index 0; in function 1 < evaluate
            3: failed, trap: it handed over a value that breaks the contract: invalid utf-8 sequence of 1 bytes from index 0; in function 2 < evaluate
            4: failed, trap: it handed over a value that breaks the contract: invalid utf-8 sequence of 1 bytes from index 0
        "#]],
    );
    check(
        "bad-describe",
        &["ocr"],
        expect![[r#"
            refused: policy guest: asked to describe itself it broke: it handed over a value that breaks the contract: invalid utf-8 sequence of 1 bytes from index 0. Its author has to repair it
        "#]],
    );
    check(
        "bad-text",
        &["ocr"],
        expect![[r#"
            ocr: failed, trap: it handed over a value that breaks the contract: invalid utf-8 sequence of 1 bytes from index 0
        "#]],
    );
}

#[test]
fn a_number_that_is_none_has_the_same_bits_everywhere() {
    check(
        "nan",
        &["ocr"],
        expect![[r#"
            ocr: wish +2146959360: 
        "#]],
    );
}
