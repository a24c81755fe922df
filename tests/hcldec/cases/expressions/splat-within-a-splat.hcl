a = o.*.tags.*
