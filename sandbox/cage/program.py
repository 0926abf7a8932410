# Runs /box/main.py as a program, the same way in a fresh interpreter and in a fork of a prepared one ("serve" as the only argument).
import sys


def run(arguments):
    """Runs the program and ends the process. arguments: [seed, program's own ...]."""
    import posix  # what os is made from: a program that needs os loads it itself
    seed, sys.argv = arguments[0], ["/box/main.py"] + arguments[1:]
    sys.path[0] = "/box"  # instead of this file's folder, as for any program
    import builtins
    import _sitebuiltins
    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D (i.e. EOF)")
    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D (i.e. EOF)")
    code, interrupted = 0, False
    main = type(sys)("__main__")
    main.__file__ = "/box/main.py"
    main.__builtins__ = builtins
    sys.modules["__main__"] = main
    try:
        with open("/box/main.py", "rb") as file:
            source = file.read()
        if b"random" in source:
            import random
            random.seed(int(seed))
        exec(compile(source, "/box/main.py", "exec", dont_inherit=True), main.__dict__)
    except SystemExit as error:
        code = _exit_code(error.code)
    except BaseException as error:
        code = 1
        interrupted = isinstance(error, KeyboardInterrupt)
        _show(error)
    finally:
        try:
            code = _finish(main, code, interrupted)
        finally:
            posix._exit(code)


def _exit_code(value):
    if value is None:
        return 0
    if isinstance(value, int):
        return int(value) & 0xFF
    try:
        print(value, file=sys.stderr)
    except BaseException:
        pass
    return 1


def _show(error):
    # Without the frames of this file.
    trace = error.__traceback__
    trace = trace.tb_next if trace is not None else None
    try:
        error = error.with_traceback(trace)
        sys.excepthook(type(error), error, trace)
    except BaseException:
        pass


def _finish(main, code, interrupted):
    # What the interpreter does at its end as far as a program can see it: threads, exit functions, destructors of globals, the last flush.
    def attempt(step):
        try:
            step()
        except BaseException as error:
            _show(error)
    import _thread
    threading = sys.modules.get("threading")
    if threading is not None and (_thread._count() > 0 or threading._threading_atexits):
        attempt(threading._shutdown)
    if "atexit" in sys.modules:
        attempt(sys.modules["atexit"]._run_exitfuncs)
    attempt(main.__dict__.clear)
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except BaseException:
            code = code or 120
    if interrupted:
        import signal
        import posix
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        posix.kill(posix.getpid(), signal.SIGINT)
    return code


# Those that programs use most and that take long to load. All memory that is written costs at each fork, used or not.
_PRELOADED = """abc array atexit bisect collections collections.abc copy dataclasses datetime decimal enum fractions functools heapq io itertools json
math operator os random re signal string struct textwrap threading time traceback types typing warnings _sitebuiltins builtins""".split()


def _serve():
    import os
    import ctypes
    import gc
    gc.disable()
    # What modules want done in a forked process is for threads and generators that were in use; the program's process gets those functions for
    # forks of its own.
    hooks, register = [], os.register_at_fork
    os.register_at_fork = lambda **functions: hooks.append(functions)
    for name in _PRELOADED:
        __import__(name)
    os.register_at_fork = register
    compile("", "", "exec")  # the first one makes hundreds of types
    library = ctypes.PyDLL("/.cage/cage.so")
    serve = library.cage_serve
    serve.restype = ctypes.py_object
    gc.collect()
    gc.freeze()
    arguments = serve()
    # From here on this is the program's process.
    for functions in hooks:
        register(**functions)
    sys.modules["threading"].main_thread()._set_native_id()
    gc.enable()
    run(arguments[arguments.index(sys.argv[0]) + 1:])


if sys.argv[1:] == ["serve"]:
    _serve()
else:
    run(sys.argv[1:])
