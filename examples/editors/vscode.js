// The client that VS Code runs: it starts `disco lsp` for definitions and files of variables.

const { LanguageClient } = require('vscode-languageclient/node')

let client

exports.activate = () => {
  const files = ['**/*.disco.hcl', '**/*.vars.hcl']
  client = new LanguageClient(
    'disco',
    'DISCO',
    { command: 'disco', args: ['lsp'] },
    { documentSelector: files.map((pattern) => ({ scheme: 'file', pattern })) },
  )
  return client.start()
}

exports.deactivate = () => client?.stop()
