//! Makes the empty policy of the bench: it answers 0 and reads nothing, so that
//! what it takes is what the host itself takes for an evaluation.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ExportKind, ExportSection, Function, FunctionSection,
    GlobalSection, GlobalType, MemorySection, MemoryType, Module, TypeSection, ValType,
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const CONTRACT: &str = "../../wit/policy.wit";

/// Where the texts stand, the answers, and what is free.
const TEXTS: i32 = 1024;
const DESCRIPTION: i32 = 2048;
const VALID: i32 = 2304;
const NEEDS: i32 = 2560;
const FREE: i32 = 4096;

fn main() -> Result<(), Box<dyn Error>> {
    for input in [CONTRACT, "build.rs"] {
        println!("cargo::rerun-if-changed={input}");
    }
    let mut resolve = Resolve::default();
    let package = resolve.push_str("policy.wit", &fs::read_to_string(CONTRACT)?)?;
    let world = resolve.select_world(&[package], Some("base"))?;
    let mut module = module();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)?;
    let component = ComponentEncoder::default().module(&module)?.validate(true).encode()?;
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("empty.wasm"), component)?;
    Ok(())
}

/// The core module: its answers are data, its functions say where they stand.
fn module() -> Vec<u8> {
    let word = ValType::I32;
    let (mut types, mut functions) = (TypeSection::new(), FunctionSection::new());
    for parameters in [0, 2, 4] {
        types.ty().function(vec![word; parameters], [word]);
    }
    for of_type in [0, 1, 1, 2] {
        functions.function(of_type);
    }
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut globals = GlobalSection::new();
    let free = GlobalType { val_type: word, mutable: true, shared: false };
    globals.global(free, &ConstExpr::i32_const(FREE));
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    for (name, function) in [("describe", 0), ("validate-settings", 1), ("evaluate-needs", 2)] {
        let name = format!("hooke:policy/policy@0.1.0#{name}");
        exports.export(&name, ExportKind::Func, function);
    }
    exports.export("cabi_realloc", ExportKind::Func, 3);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&memories).section(&globals);
    module.section(&exports).section(&code()).section(&data());
    module.finish()
}

fn code() -> CodeSection {
    let mut code = CodeSection::new();
    for answer in [DESCRIPTION, VALID, NEEDS] {
        let mut function = Function::new([]);
        function.instructions().i32_const(answer).end();
        code.function(&function);
    }
    // A bump allocator: a sandbox lives for one call. The size is parameter 3,
    // what it gives is kept in local 4.
    let mut allocate = Function::new([(1, ValType::I32)]);
    allocate
        .instructions()
        .global_get(0)
        .i32_const(7)
        .i32_add()
        .i32_const(-8)
        .i32_and()
        .local_tee(4)
        .local_get(3)
        .i32_add()
        .global_set(0)
        .local_get(4)
        .end();
    code.function(&allocate);
    code
}

fn data() -> DataSection {
    let (mut texts, mut data) = (String::new(), DataSection::new());
    let mut text = |text: &str| {
        let at = TEXTS + i32::try_from(texts.len()).expect("a short text");
        texts += text;
        [at, i32::try_from(text.len()).expect("a short text")]
    };
    let described = [text("empty"), text("0.1.0"), text("Holds, whatever is the case.")];
    let [reason, length] = text("hold");
    // ok(needs { delta, reason }): the case, then from the next word on.
    let answers = [(DESCRIPTION, described.concat()), (NEEDS, vec![0, 0, reason, length])];
    for (at, words) in answers {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        data.active(0, &ConstExpr::i32_const(at), bytes);
    }
    data.active(0, &ConstExpr::i32_const(TEXTS), texts.into_bytes());
    data
}
