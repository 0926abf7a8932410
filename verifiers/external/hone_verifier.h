/* The plugin interface of hone: what a shared library offers to be a verifier inside hone's process.
 *
 * A plugin is one C function, hone_verifier_entry. Everything else is reached through the table it returns. Plain C, nothing to link.
 *
 * Rules
 *   - struct_size comes first in every struct that may grow. The side that makes a struct writes sizeof; the other reads no field beyond
 * it. New fields are appended (a new minor version); a change of meaning is a new major version.
 *   - Bytes are borrowed: what the host hands over is valid until the call returns, what the plugin hands to the sink until the sink
 * returns.
 *   - The texts of a request are bytes chosen by a model that is paid for its score: any length, NUL, invalid UTF-8.
 *   - verify runs on many threads at once. It answers each request exactly once through the sink, from any thread, before it returns.
 *   - No exception, longjmp, exit, signal handler, change of locale, working directory or floating-point mode crosses this interface.
 *   - A crash takes the process down: only trusted code belongs into a plugin. A library is never unloaded.
 */
#ifndef HONE_VERIFIER_H_
#define HONE_VERIFIER_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HONE_VERIFIER_ABI_MAJOR 1u
#define HONE_VERIFIER_ABI_MINOR 0u

#if defined(__GNUC__)
#define HONE_VERIFIER_EXPORT __attribute__((visibility("default")))
#else
#define HONE_VERIFIER_EXPORT
#endif

/* Not NUL-terminated. data may be NULL when size is 0. */
typedef struct hone_bytes {
  const void* data;
  uint64_t size;
} hone_bytes;

typedef struct hone_part {
  hone_bytes name;
  double value;
} hone_part;

enum { HONE_FINISH_UNKNOWN = 0, HONE_FINISH_STOP = 1, HONE_FINISH_LENGTH = 2, HONE_FINISH_ABORTED = 3 };

/* One completion to judge. */
typedef struct hone_request {
  uint32_t struct_size;
  uint32_t finish_reason; /* HONE_FINISH_... */
  uint64_t id;            /* names the request in answers and in cancel */
  hone_bytes prompt;
  hone_bytes completion;
  hone_bytes reference; /* the gold answer */
  hone_bytes answer;    /* the final answer when it has been extracted already; data is NULL when not */
  hone_bytes row;       /* the whole JSON row of the data set; may be empty */
  int64_t group_id;
  int64_t sample_index;
  uint64_t seed;                 /* the only source of randomness */
  int64_t num_tokens_completion; /* as sampled; -1: unknown */
  const int32_t* token_ids;      /* of the completion, as sampled; NULL: unknown */
  uint64_t num_token_ids;
  int64_t timeout_ns; /* what is left of its time; -1: no deadline */
} hone_request;

enum { HONE_SCORE = 1, HONE_NOT_APPLICABLE = 2, HONE_TASK_ERROR = 3, HONE_INFRA_ERROR = 4 };

/* The answer to one request. */
typedef struct hone_outcome {
  uint32_t struct_size;
  uint32_t kind;          /* HONE_SCORE: a fact about the sample; HONE_NOT_APPLICABLE: nothing to say; HONE_TASK_ERROR: the task is broken;
                             HONE_INFRA_ERROR: the verifier failed. 0 is invalid. */
  double value;           /* HONE_SCORE: finite, in the declared range */
  const hone_part* parts; /* HONE_SCORE: declared names, each once */
  uint32_t num_parts;
  uint32_t retryable;  /* HONE_INFRA_ERROR */
  hone_bytes reason;   /* a short code: "correct", "no_number" */
  hone_bytes why;      /* the other kinds: what happened, in words */
  hone_bytes evidence; /* for people: what the verdict rests on; 64 KiB are kept */
} hone_outcome;

/* Copies the answer. Thread-safe. */
typedef void (*hone_sink)(void* sink_ctx, uint64_t request_id, const hone_outcome* outcome);

enum { HONE_LOG_LEVEL_DEBUG = 0, HONE_LOG_LEVEL_INFO = 1, HONE_LOG_LEVEL_WARN = 2, HONE_LOG_LEVEL_ERROR = 3 };

/* What hone offers to a plugin. Thread-safe; valid as long as the process. */
typedef struct hone_host {
  uint32_t struct_size;
  uint32_t abi_minor;
  /* One line of hone's log. */
  void (*log)(uint32_t level, hone_bytes text);
} hone_host;

typedef struct hone_verifier_v1 {
  uint32_t struct_size;
  uint32_t abi_minor;

  /* The description as a JSON object: {"name", "version", "params_schema", "range": [min, max], "parts": [..], "deterministic", "needs":
   * [..], "max_batch", "concurrency", "bounded"}; all but name and version have defaults (docs/verifiers.md). self NULL: of the plugin in
   * general, asked before anything is made; else of this verifier. Valid as long as self, or the process. */
  hone_bytes (*describe)(void* self);

  /* Makes a verifier. params: a JSON object that fits params_schema. 0: done, and *self goes to the other calls. Else *error says what is
   * wrong; it must stay valid until the next call on the same thread. */
  int (*create)(hone_bytes params, const hone_host* host, void** self, hone_bytes* error);

  /* Judges n requests: see the rules. */
  void (*verify)(void* self, const hone_request* const* requests, uint32_t n, hone_sink sink, void* sink_ctx);

  /* The answer to this request is no longer wanted: verify should return soon. From any thread; the id may be unknown by now. May be NULL.
   */
  void (*cancel)(void* self, uint64_t request_id);

  /* No call on self is running or will come. */
  void (*destroy)(void* self);
} hone_verifier_v1;

/* The plugin's table for a major version of this interface; NULL when it has none. Valid as long as the process. */
HONE_VERIFIER_EXPORT const hone_verifier_v1* hone_verifier_entry(uint32_t abi_major);

#ifdef __cplusplus
}
#endif

#endif /* HONE_VERIFIER_H_ */
