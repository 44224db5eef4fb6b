//! How attributes of a key may change after it was made (section 5.4).

use bytes::Bytes;
use hpcs_ep11::pkcs11::{AttributeType, MechanismType, ReturnValue};
use hpcs_hsm::functions::{AttributeValue, Function, Output};

use crate::bench::{Bench, FALSE, TRUE, number, plain, template};

use AttributeType as A;

/// May be set both ways.
const BOTH: [A; 9] = [
    A::IBM_USE_AS_DATA,
    A::SIGN,
    A::DECRYPT,
    A::ENCRYPT,
    A::DERIVE,
    A::UNWRAP,
    A::WRAP,
    A::VERIFY,
    A::WRAP_WITH_TRUSTED,
];
/// May be given up.
const OFF: [A; 4] = [A::EXTRACTABLE, A::MODIFIABLE, A::TRUSTED, A::IBM_PROTKEY_EXTRACTABLE];
/// Stay as they are.
const NEVER: [A; 4] = [A::NEVER_EXTRACTABLE, A::IBM_NEVER_MODIFIABLE, A::LOCAL, A::IBM_ATTRBOUND];

/// A key with everything that can be stated on or off, but modifiable.
fn key(bench: &Bench, on: bool) -> Bytes {
    let stated = BOTH.into_iter().chain(OFF).filter(|attribute| *attribute != A::MODIFIABLE);
    let values = stated.map(|attribute| (attribute, AttributeValue::Boolean(on)));
    let template = template(values.chain([(A::VALUE_LEN, number(32))]));
    bench.key(&Function::GenerateKey { mechanism: plain(MechanismType::AES_KEY_GEN), template }).0.blob.into()
}

fn set(bench: &Bench, object: &Bytes, changes: &[(A, AttributeValue)]) -> Result<Bytes, ReturnValue> {
    let changes = template(changes.iter().cloned());
    match bench.ask(&Function::SetAttributeValue { object: object.clone(), changes })? {
        Output::Blob(blob) => Ok(blob.into()),
        _ => panic!("no blob"),
    }
}

#[test]
fn each_attribute_changes_as_its_row_of_the_table_says() {
    let bench = Bench::new();
    let (on, off) = (key(&bench, true), key(&bench, false));
    for attribute in BOTH {
        for (from, to) in [(&on, FALSE), (&off, TRUE), (&on, TRUE), (&off, FALSE)] {
            let blob = set(&bench, from, &[(attribute, to.clone())]).unwrap_or_else(|why| panic!("{attribute}: {why}"));
            assert_eq!(bench.attribute(&blob, attribute), to, "{attribute}");
            assert_eq!(blob.len(), from.len());
            assert_ne!(blob[66..80], from[66..80], "a new initialisation vector");
        }
    }
    for attribute in OFF {
        let blob = set(&bench, &on, &[(attribute, FALSE)]).unwrap_or_else(|why| panic!("{attribute}: {why}"));
        assert_eq!(bench.attribute(&blob, attribute), FALSE);
        if attribute != A::MODIFIABLE {
            assert_eq!(set(&bench, &blob, &[(attribute, TRUE)]), Err(ReturnValue::ATTRIBUTE_READ_ONLY), "{attribute}");
            assert_eq!(set(&bench, &off, &[(attribute, TRUE)]), Err(ReturnValue::ATTRIBUTE_READ_ONLY), "{attribute}");
        }
    }
    for attribute in NEVER {
        let AttributeValue::Boolean(now) = bench.attribute(&on, attribute) else { panic!("{attribute}") };
        let other = AttributeValue::Boolean(!now);
        assert_eq!(set(&bench, &on, &[(attribute, other)]), Err(ReturnValue::ATTRIBUTE_READ_ONLY), "{attribute}");
        set(&bench, &on, &[(attribute, AttributeValue::Boolean(now))]).unwrap();
    }
}

#[test]
fn giving_up_export_does_not_rewrite_the_past() {
    let bench = Bench::new();
    let on = key(&bench, true);
    let blob = set(&bench, &on, &[(A::EXTRACTABLE, FALSE)]).unwrap();
    assert_eq!(bench.attribute(&blob, A::NEVER_EXTRACTABLE), FALSE);
    assert_eq!(bench.attribute(&on, A::EXTRACTABLE), TRUE, "the old blob is what it was");
}

#[test]
fn several_changes_happen_together_or_not_at_all() {
    let bench = Bench::new();
    let off = key(&bench, false);
    let blob = set(&bench, &off, &[(A::SIGN, TRUE), (A::WRAP, number(1)), (A::DERIVE, AttributeValue::Bytes(vec![1]))]);
    let blob = blob.unwrap();
    assert!([A::SIGN, A::WRAP, A::DERIVE].iter().all(|attribute| bench.attribute(&blob, *attribute) == TRUE));
    let refused = set(&bench, &off, &[(A::SIGN, TRUE), (A::EXTRACTABLE, TRUE)]);
    assert_eq!(refused, Err(ReturnValue::ATTRIBUTE_READ_ONLY));
}

#[test]
fn what_is_no_truth_value_is_not_set() {
    let bench = Bench::new();
    let on = key(&bench, true);
    for (attribute, refusal) in [
        (A::KEY_TYPE, ReturnValue::ATTRIBUTE_READ_ONLY),
        (A::VALUE_LEN, ReturnValue::ATTRIBUTE_READ_ONLY),
        (A::LABEL, ReturnValue::ATTRIBUTE_READ_ONLY),
        (A::CHECK_VALUE, ReturnValue::ATTRIBUTE_READ_ONLY),
        (A::IBM_RESTRICTABLE, ReturnValue::ATTRIBUTE_READ_ONLY),
        (A::EC_PARAMS, ReturnValue::ATTRIBUTE_TYPE_INVALID),
        (A(0x7777_7777), ReturnValue::ATTRIBUTE_TYPE_INVALID),
    ] {
        assert_eq!(set(&bench, &on, &[(attribute, TRUE)]), Err(refusal), "{attribute}");
    }
    for value in [AttributeValue::Absent, AttributeValue::Bytes(vec![0, 1]), AttributeValue::Bytes(Vec::new())] {
        assert_eq!(set(&bench, &on, &[(A::SIGN, value)]), Err(ReturnValue::ATTRIBUTE_VALUE_INVALID));
    }
}

#[test]
fn a_key_that_is_not_modifiable_stays_as_it_is() {
    let bench = Bench::new();
    let fixed = set(&bench, &key(&bench, true), &[(A::MODIFIABLE, FALSE)]).unwrap();
    for (attribute, value) in [(A::SIGN, FALSE), (A::SIGN, TRUE), (A::MODIFIABLE, TRUE)] {
        assert_eq!(set(&bench, &fixed, &[(attribute, value)]), Err(ReturnValue::ACTION_PROHIBITED));
    }
}
