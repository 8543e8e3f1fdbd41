//! Whatever happens in the directory, in whatever order: a good policy is never
//! lost, and nothing half written is ever live.

use std::collections::BTreeSet;
use std::fs;
use std::sync::LazyLock;

use hooke_runtime::Digest;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use tempfile::TempDir;

use crate::scene::{Scene, marked};

/// One cache for all cases: this is not about compiling.
static CACHE: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

const FILES: [&str; 2] = ["mine", "yours"];

#[derive(Debug, Clone, Copy)]
enum Happening {
    /// A whole content is renamed into place.
    Put {
        file: usize,
        content: u8,
    },
    /// So many quarters of a content are written in place.
    Write {
        file: usize,
        content: u8,
        quarters: usize,
    },
    /// Something that is no policy.
    Rubbish {
        file: usize,
    },
    /// The file is cut to a third.
    Truncate {
        file: usize,
    },
    Delete {
        file: usize,
    },
    /// One file is renamed over the other.
    Rename {
        from: usize,
    },
    /// Some looks, 150 ms apart.
    Look {
        times: u8,
    },
}

fn happening() -> impl Strategy<Value = Happening> {
    let file = 0..FILES.len();
    let content = 1_u8..5;
    prop_oneof![
        2 => (file.clone(), content.clone())
            .prop_map(|(file, content)| Happening::Put { file, content }),
        3 => (file.clone(), content, 1_usize..=4)
            .prop_map(|(file, content, quarters)| Happening::Write { file, content, quarters }),
        1 => file.clone().prop_map(|file| Happening::Rubbish { file }),
        1 => file.clone().prop_map(|file| Happening::Truncate { file }),
        1 => file.clone().prop_map(|file| Happening::Delete { file }),
        1 => file.prop_map(|from| Happening::Rename { from }),
        5 => (1_u8..5).prop_map(|times| Happening::Look { times }),
    ]
}

fn name(file: usize) -> String {
    format!("{}.wasm", FILES[file])
}

/// Does it; what is not there cannot be cut, deleted or renamed.
fn perform(scene: &mut Scene, happening: Happening) -> bool {
    match happening {
        Happening::Put { file, content } => scene.put(&name(file), &marked(content)),
        Happening::Write { file, content, quarters } => {
            let whole = marked(content);
            scene.write(&name(file), &whole[..whole.len() * quarters / 4]);
        }
        Happening::Rubbish { file } => scene.write(&name(file), b"rubbish"),
        Happening::Truncate { file } => {
            if let Ok(bytes) = fs::read(scene.at(&name(file))) {
                scene.write(&name(file), &bytes[..bytes.len() / 3]);
            }
        }
        Happening::Delete { file } => return fs::remove_file(scene.at(&name(file))).is_ok(),
        Happening::Rename { from } => {
            let to = scene.at(&name(1 - from));
            return fs::rename(scene.at(&name(from)), to).is_ok();
        }
        Happening::Look { times } => {
            for _look in 0..times {
                scene.look();
                scene.shelf.finish_compiling(scene.now, &*scene.sites);
            }
        }
    }
    true
}

proptest! {
    #![proptest_config(Config {
        cases: 48,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..Config::default()
    })]

    #[test]
    fn a_good_policy_is_never_lost(happenings in prop::collection::vec(happening(), 1..40)) {
        let whole: BTreeSet<Digest> = (1..5).map(|content| Digest::of(&marked(content))).collect();
        let mut scene = Scene::with(|config| config.cache = Some(CACHE.path().join("cache")));
        let mut ever = BTreeSet::new();
        for happening in happenings {
            perform(&mut scene, happening);
            for file in FILES {
                match scene.shelf.get(file).and_then(|entry| entry.digest()) {
                    Some(live) => {
                        prop_assert!(whole.contains(&live), "{file} runs what was never whole");
                        ever.insert(file);
                    }
                    None => prop_assert!(!ever.contains(file), "{file} was lost"),
                }
            }
        }
        scene.settle();
        for (file, policy) in FILES.iter().enumerate() {
            let there = fs::read(scene.at(&name(file))).map(|bytes| Digest::of(&bytes));
            let live = scene.shelf.get(policy).and_then(|entry| entry.digest());
            if let Ok(there) = there && whole.contains(&there) {
                prop_assert_eq!(live, Some(there), "{} is not what its file is", policy);
            }
        }
    }
}
