// The guest's parts, by the README of `policies/conformance`.
#pragma once

#include <stddef.h>

#include "bindings.h"

// Text of one, two, three and four bytes a character.
#define TEXT "é漢🦀"
#define NOBODY "nobody " TEXT

// A text that grows; its bytes are anybody's, zeros too.
struct text {
  char *ptr;
  size_t length, capacity;
};

void put(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void put_bytes(struct text *text, const void *bytes, size_t length);
void put_quoted(struct text *text, const bindings_string_t *string);
// A case of a variant with its value.
void put_named(struct text *text, const char *name, const bindings_string_t *string);

// A C text as one of the host's; it must not be freed.
bindings_string_t borrowed(const char *text);
// The text as one that the host frees; the text is empty after.
bindings_string_t taken(struct text *text);

extern const char *const LEVELS[4];

// Every question that a policy may ask, with its answer.
void put_facts(struct text *text, bindings_string_t *settings, bindings_string_t *profile);
// Every question about the past that a policy may ask, with its answer.
void put_past(struct text *text, bindings_string_t *profile);
// One number that may be absent, and a question that has no answer.
void put_f64(struct text *text, const char *name, bindings_option_f64_t value);
void put_error(struct text *text, const char *name, hooke_policy_metrics_metrics_error_t *error);
// Every action that a policy may ask for, with its answer.
void put_actions(struct text *text, bindings_string_t *profile);
