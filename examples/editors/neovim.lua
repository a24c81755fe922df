-- Neovim 0.11 and newer. Put this file into ~/.config/nvim/lua/disco.lua and `require('disco')` into init.lua.

-- Files of other tools in HCL are not for the server.
vim.filetype.add({
  pattern = {
    ['.*%.disco%.hcl'] = 'hcl',
    ['.*%.vars%.hcl'] = 'hcl',
  },
})

vim.lsp.config('disco', {
  cmd = { 'disco', 'lsp' },
  filetypes = { 'hcl' },
  root_dir = function(buffer, attach)
    local path = vim.api.nvim_buf_get_name(buffer)
    if path:match('%.disco%.hcl$') or path:match('%.vars%.hcl$') then
      attach(vim.fs.dirname(path))
    end
  end,
})
vim.lsp.enable('disco')

vim.api.nvim_create_autocmd('LspAttach', {
  callback = function(args)
    local client = vim.lsp.get_client_by_id(args.data.client_id)
    if not client or client.name ~= 'disco' then
      return
    end
    -- Neovim has keys for the rest: K hover, grn rename, grr references, CTRL-] definition, gO outline.
    vim.lsp.completion.enable(true, client.id, args.buf, { autotrigger = true })
    vim.api.nvim_create_autocmd('BufWritePre', {
      buffer = args.buf,
      callback = function()
        vim.lsp.buf.format({ bufnr = args.buf, id = client.id })
      end,
    })
  end,
})
