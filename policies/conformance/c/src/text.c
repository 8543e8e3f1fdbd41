#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

static void reserve(struct text *text, size_t more) {
  if (text->length + more <= text->capacity) return;
  text->capacity = 2 * (text->length + more);
  text->ptr = realloc(text->ptr, text->capacity);
  if (text->ptr == NULL) abort();
}

void put_bytes(struct text *text, const void *bytes, size_t length) {
  if (length == 0) return;
  reserve(text, length);
  memcpy(text->ptr + text->length, bytes, length);
  text->length += length;
}

void put(struct text *text, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  reserve(text, (size_t)length + 1);
  vsnprintf(text->ptr + text->length, (size_t)length + 1, format, again);
  va_end(again);
  text->length += (size_t)length;
}

void put_quoted(struct text *text, const bindings_string_t *string) {
  put(text, "\"");
  put_bytes(text, string->ptr, string->len);
  put(text, "\"");
}

void put_named(struct text *text, const char *name, const bindings_string_t *string) {
  put(text, "%s(", name);
  put_quoted(text, string);
  put(text, ")");
}

bindings_string_t borrowed(const char *text) {
  return (bindings_string_t){(uint8_t *)text, strlen(text)};
}

bindings_string_t taken(struct text *text) {
  bindings_string_t string = {(uint8_t *)text->ptr, text->length};
  if (text->length == 0) free(text->ptr);
  *text = (struct text){0};
  return string;
}
