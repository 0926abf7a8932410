#include "verifiers/code/python_guests.h"

namespace hone {
namespace {

// Frames and plain data (plain_value.h), for both guests. Everything that is used later is taken while the process is still clean.
constexpr const char* kCodec = R"py(
import sys, os, types, builtins
if hasattr(sys, 'set_int_max_str_digits'): sys.set_int_max_str_digits(0)

class Unplain(Exception):
    pass

class Codec:
    MAX_BYTES = 8 << 20
    MAX_DEPTH = 64

    def __init__(self, to_handle, from_handle, read=os.read, write=os.write):
        self.to_handle, self.from_handle, self.read, self.write = to_handle, from_handle, read, write

    def encode(self, value, out, depth=0, type=type, str=str, len=len, id=id):
        kind = type(value)
        if depth > self.MAX_DEPTH:
            raise Unplain('deeper than 64 levels', False)
        if value is None: out.append(b'N')
        elif value is True: out.append(b'T')
        elif value is False: out.append(b'F')
        elif kind is int:
            if value.bit_length() > 332000: raise Unplain('a whole number of more than 99,000 digits', False)
            out.append(b'i%s;' % str(value).encode())
        elif kind is float: out.append(b'f%s;' % value.hex().encode())
        elif kind is str:
            data = value.encode('utf-8', 'surrogatepass')
            out.append(b's%d:' % len(data)); out.append(data)
        elif kind is bytes:
            out.append(b'b%d:' % len(value)); out.append(value)
        elif kind is list or kind is tuple or kind is set or kind is frozenset:
            if len(value) > 300000: raise Unplain('more than 300,000 values', False)
            tag = b'l' if kind is list else b't' if kind is tuple else b'e' if kind is set else b'z'
            out.append(b'%s%d:' % (tag, len(value)))
            for item in value: self.encode(item, out, depth + 1)
        elif kind is dict:
            out.append(b'd%d:' % len(value))
            for key, item in value.items():
                self.encode(key, out, depth + 1)
                self.encode(item, out, depth + 1)
        else:
            out.append(b'h%d;' % self.to_handle(value))
        if len(out) > 600000: raise Unplain('more than 300,000 values', False)

    def decode(self, data, at=0):
        tag = data[at:at + 1]
        at += 1
        if tag == b'N': return None, at
        if tag == b'T': return True, at
        if tag == b'F': return False, at
        if tag in b'ifh':
            end = data.index(b';', at)
            text = data[at:end].decode()
            return (int(text) if tag == b'i' else float.fromhex(text) if tag == b'f' else self.from_handle(int(text))), end + 1
        end = data.index(b':', at)
        count = int(data[at:end])
        at = end + 1
        if tag == b's': return data[at:at + count].decode('utf-8', 'surrogatepass'), at + count
        if tag == b'b': return data[at:at + count], at + count
        items = []
        for _ in range(2 * count if tag == b'd' else count):
            item, at = self.decode(data, at)
            items.append(item)
        if tag == b'd': return dict(zip(items[::2], items[1::2])), at
        return (items if tag == b'l' else tuple(items) if tag == b't' else set(items) if tag == b'e' else frozenset(items)), at

    def take(self, count):
        parts = []
        while count:
            part = self.read(3, min(count, 1 << 20))
            if not part: os._exit(0)
            parts.append(part)
            count -= len(part)
        return b''.join(parts)

    def receive(self):
        return self.decode(self.take(int.from_bytes(self.take(4), 'little')))[0]

    def pack(self, message):
        out = []
        self.encode(message, out, -1)
        data = b''.join(out)
        if len(data) > self.MAX_BYTES: raise Unplain('more than 8 MiB', False)
        return len(data).to_bytes(4, 'little') + data

    def post(self, data):
        while data: data = data[self.write(3, data):]

    def send(self, *message):
        self.post(self.pack(list(message)))
)py";

constexpr const char* kCandidate = R"py(
def serve():
    handles, callbacks = [], {}
    iterators = (types.GeneratorType, map, filter, zip, enumerate, reversed, type(iter(())), type(iter([])), type(iter({})), type(iter('')),
                 type(iter(range(0))), type(iter(set())))
    functions = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)
    state = {'nonce': 0, 'by_handle': False, 'made_by': None}

    def to_handle(value):
        kind = type(value)
        if state['by_handle'] and (kind in iterators or kind in functions or kind is state['made_by'] or kind.__module__ == 'itertools'):
            handles.append(value)
            return len(handles) - 1
        name = getattr(kind, '__name__', '?')
        own = any(c.__module__ == 'solution' and ('__eq__' in vars(c) or '__ne__' in vars(c)) for c in kind.__mro__)
        raise Unplain('a value of type ' + str(name)[:80], own and not hasattr(kind, '__dataclass_fields__'))

    def from_handle(number):
        def callback(*args, **kwargs):
            nonce = state['nonce']
            codec.send('callback', nonce, number, list(args), kwargs)
            return answer()
        return callback

    def answer():
        message = codec.receive()
        if message[0] == 'ok': return message[1]
        raise getattr(builtins, message[1], RuntimeError)(message[2])

    codec = Codec(to_handle, from_handle)
    module = types.ModuleType('solution')
    sys.modules['solution'] = module
    space = module.__dict__

    def load(preamble, variants, seed):
        if b'random' in preamble or any(b'random' in source for source in variants): __import__('random').seed(seed)
        problem = code = None
        for source in variants:
            try:
                code = compile(source, 'solution.py', 'exec', dont_inherit=True)
                break
            except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as e:
                problem = problem or e
        if code is None: raise problem
        exec(compile(preamble, 'prompt.py', 'exec', dont_inherit=True), space)
        exec(code, space)

    def find(name):
        if name in space: return space[name]
        if 'Solution' in space and hasattr(space['Solution'], name): return getattr(space['Solution'](), name)
        raise NameError('the program does not define ' + name)

    def call(target, args, kwargs):
        state['made_by'] = target if type(target) is type else None
        return target(*args, **kwargs)

    def work(op, rest):
        state['made_by'] = None
        if op == 'load': return load(*rest)
        if op == 'call': return call(find(rest[0]), rest[1], rest[2])
        if op == 'in_place':
            call(find(rest[0]), rest[1], rest[2])
            return rest[1][0]
        target = handles[rest[0]]
        if op == 'next': return next(target)
        if op == 'invoke': return call(target, rest[1], rest[2])
        if op == 'get': return getattr(target, rest[1])
        if op == 'iter': target = iter(target); handles.append(target); return len(handles) - 1
        if op == 'len': return len(target)
        if op == 'item': return target[rest[1]]
        if op == 'in': return rest[1] in target

    def builtin_name(error):
        for c in type(error).__mro__:
            if c.__module__ == 'builtins': return c.__name__
        return 'Exception'

    state['by_handle'] = codec.receive()
    while True:
        op, nonce, *rest = codec.receive()
        state['nonce'] = nonce
        try:
            data = codec.pack(['ok', nonce, work(op, rest)])
        except Unplain as e:
            data = codec.pack(['unplain', nonce, e.args[0], e.args[1]])
        except StopIteration as e:
            data = codec.pack(['stop', nonce] if op == 'next' else ['error', nonce, 'RuntimeError', 'StopIteration'])
        except Exception as e:
            try: text = str(e)[:1000]
            except Exception: text = '?'
            data = codec.pack(['error', nonce, builtin_name(e), str(text)])
        codec.post(data)

serve()
)py";

constexpr const char* kTest = R"py(
def serve():
    objects = []
    raised = []
    state = {'calls': 0}

    def to_handle(value):
        if not callable(value): raise Unplain('an argument of type ' + type(value).__name__, False)
        objects.append(value)
        return len(objects) - 1

    def ask(*message):
        state['calls'] += 1
        codec.send(*message)
        while True:
            reply = codec.receive()
            if reply[0] == 'ok': return reply[1]
            if reply[0] == 'stop': raise StopIteration
            if reply[0] == 'callback':
                try:
                    data = codec.pack(['ok', objects[reply[1]](*reply[2], **reply[3])])
                except Exception as e:
                    data = codec.pack(['error', type(e).__name__, str(e)[:1000]])
                codec.post(data)
                continue
            kind = getattr(builtins, reply[1], None)
            barred = (StopIteration, StopAsyncIteration)
            if not isinstance(kind, type) or not issubclass(kind, Exception) or issubclass(kind, barred): kind = RuntimeError
            try: error = kind(reply[2])
            except Exception: error = RuntimeError(reply[2])
            raised.append(error)
            raise error

    # What stands for things of the candidate. Equality, order, truth and arithmetic are this class's own: identity or an error.
    class Function:
        def __init__(self, name): self.__name__ = self.__qualname__ = name
        def __call__(self, *args, **kwargs): return ask('call', self.__name__, list(args), kwargs)

    class Object:
        def __init__(self, number): object.__setattr__(self, '_number', number)
        def __call__(self, *args, **kwargs): return ask('invoke', self._number, list(args), kwargs)
        def __iter__(self): return Object(ask('iter', self._number))
        def __next__(self): return ask('next', self._number)
        def __len__(self): return ask('len', self._number)
        def __getitem__(self, key): return ask('item', self._number, key)
        def __contains__(self, item): return ask('in', self._number, item)
        def __bool__(self): return True
        def __getattr__(self, name):
            if name.startswith('__'): raise AttributeError(name)
            return ask('get', self._number, name)

    codec = Codec(to_handle, Object)
    entry, check, preamble, source, seed = codec.receive()

    def bad(what): codec.send('bad', what); os._exit(0)

    def names(code):
        found = set(code.co_names)
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType): found |= names(constant)
        return found

    module = types.ModuleType('__main__')
    sys.modules['__main__'] = module
    space = module.__dict__
    try:
        code = compile(source, 'test.py', 'exec', dont_inherit=True)
        exec(compile(preamble, 'prompt.py', 'exec', dont_inherit=True), space)
    except Exception as e:
        bad('the test file does not compile by itself: %s: %s' % (type(e).__name__, e))
    codec.send('ready')
    wanted = sorted(n for n in names(code) if not hasattr(builtins, n) and not n.startswith('__'))
    def stub_attribute(name):
        if name.startswith('__'): raise AttributeError(name)
        return Function(name)

    stub = types.ModuleType('solution')
    stub.__getattr__ = stub_attribute
    stub.__all__ = [n for n in wanted if n != 'solution']
    sys.modules['solution'] = sys.modules['candidate'] = stub
    for name in wanted: space.setdefault(name, Function(name))
    if entry: space[entry] = space['candidate'] = Function(entry)
    if 'random' in source: __import__('random').seed(seed)

    def unit_tests():
        unittest = sys.modules.get('unittest')
        cases = [v for v in space.values() if unittest and isinstance(v, type) and issubclass(v, unittest.TestCase)]
        for case in cases:
            result = unittest.TestResult()
            unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
            if not result.wasSuccessful():
                problems = result.failures + result.errors
                raise AssertionError(problems[0][1][-2000:] if problems else 'an unexpected success')
        for name, value in list(space.items()):
            if name.startswith('test') and isinstance(value, types.FunctionType): value()

    try:
        try:
            exec(code, space)
            if check: space['check'](space[entry])
            elif not state['calls']: unit_tests()
        except SystemExit as e:
            if e.code not in (None, 0, False): raise AssertionError('the test file exits with %r' % (e.code,))
    except Unplain as e:
        bad('a test passes %s, which cannot cross to the candidate' % e.args[0])
    except BaseException as e:
        if not state['calls']: bad('the test file fails before it calls the candidate: %s: %s' % (type(e).__name__, e))
        try: text = str(e)[-2000:]
        except Exception: text = '?'
        line, trace = 0, e.__traceback__
        while trace:
            if trace.tb_frame.f_code.co_filename == 'test.py': line = trace.tb_lineno
            trace = trace.tb_next
        codec.send('fail', type(e).__name__, text, line, any(e is r for r in raised))
        os._exit(0)
    if not state['calls']: bad('the test file never calls the candidate')
    codec.send('done')
    os._exit(0)

serve()
)py";
}  // namespace

const std::string& CandidateGuest() {
  static const std::string* const guest = new std::string(std::string(kCodec) + kCandidate);
  return *guest;
}

const std::string& TestGuest() {
  static const std::string* const guest = new std::string(std::string(kCodec) + kTest);
  return *guest;
}

}  // namespace hone
