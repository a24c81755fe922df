//! The configurations of `examples/editors` name what there is.

use std::fs;
use std::path::Path;

use crate::support::TestProject;

#[test]
fn every_configuration_starts_the_server() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/editors");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    for (name, command) in [
        ("neovim.lua", "cmd = { 'disco', 'lsp' }"),
        ("helix.toml", "command = \"disco\"\nargs = [\"lsp\"]"),
        ("vscode.js", "command: 'disco', args: ['lsp']"),
    ] {
        let text = read(name);
        assert!(text.contains(command), "{name} does not start the server:\n{text}");
        let plain = text.replace('%', "");
        assert!(plain.contains(".disco.hcl") && plain.contains(".vars.hcl"), "{name} does not say for which files");
    }
    let package: serde_json::Value = serde_json::from_str(&read("package.json")).unwrap();
    assert_eq!(package["main"], "./vscode.js");
    let help = TestProject::with("").disco("lsp --help").ends_with(0).stdout;
    assert!(help.contains("vim.lsp.config('disco', { cmd = { 'disco', 'lsp' }"), "{help}");
}
