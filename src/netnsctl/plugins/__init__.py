"""Doors through which container runtimes call netnsctl: each module is what one kind of runtime starts.

A door reads what the runtime says (on standard input, in the environment), which it takes for hostile where a container
or an unprivileged user can have written it, calls netnsctl.library, and answers in the runtime's own format: there
errors become exit codes and documents. Nothing about wires is decided here.

The programs that runtimes start are in netnsctl/libexec; each becomes `main()` of its module.
"""
