#include "settings.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define JSMN_STATIC
#define JSMN_STRICT
#include "jsmn.h"

// Tokens of JSON: a key, a value, or what is inside a value.
enum { TOKENS_MOST = 256 };

static const uint32_t PER_WORKER = 100;

struct reader {
  const char *json;
  const jsmntok_t *tokens;
  struct problem *problems;
  size_t count;
};

// A path is cut before a character that would not fit whole.
static void copy_path(char *path, size_t size, const char *text, size_t length) {
  size_t fits = length < size ? length : size - 1;
  while (fits < length && fits > 0 && ((unsigned char)text[fits] & 0xc0) == 0x80) fits--;
  memcpy(path, text, fits);
  path[fits] = '\0';
}

static void add(struct reader *reader, const char *path, size_t length, const char *message) {
  if (reader->count == PROBLEMS_MOST) return;
  struct problem *problem = &reader->problems[reader->count++];
  copy_path(problem->path, sizeof problem->path, path, length);
  snprintf(problem->message, sizeof problem->message, "%s", message);
}

// The number of tokens from this one to the end of its value.
static int span(const jsmntok_t *tokens, int at, int count) {
  int next = at + 1;
  while (next < count && tokens[next].start < tokens[at].end) next++;
  return next - at;
}

// A whole number from 1 to 4294967295: digits and nothing else.
static bool read_number(const char *text, size_t length, uint32_t *number) {
  uint64_t value = 0;
  for (size_t at = 0; at < length; at++) {
    if (text[at] < '0' || text[at] > '9' || at == 10) return false;
    value = value * 10 + (uint64_t)(text[at] - '0');
  }
  if (value < 1 || value > UINT32_MAX) return false;
  *number = (uint32_t)value;
  return true;
}

static void read_key(struct reader *reader, int at, struct settings *settings) {
  const jsmntok_t *key = &reader->tokens[at], *value = &reader->tokens[at + 1];
  const char *name = reader->json + key->start;
  size_t length = (size_t)(key->end - key->start);
  if (length != strlen("per_worker") || memcmp(name, "per_worker", length) != 0) {
    add(reader, name, length, "is not known; there is: per_worker");
    return;
  }
  size_t digits = (size_t)(value->end - value->start);
  if (value->type != JSMN_PRIMITIVE ||
      !read_number(reader->json + value->start, digits, &settings->per_worker)) {
    add(reader, name, length, "must be a whole number from 1 to 4294967295, such as 100");
  }
}

size_t settings_parse(const char *json, size_t length, struct settings *settings,
                      struct problem problems[PROBLEMS_MOST]) {
  jsmntok_t tokens[TOKENS_MOST];
  jsmn_parser parser;
  struct reader reader = {json, tokens, problems, 0};
  settings->per_worker = PER_WORKER;
  jsmn_init(&parser);
  int count = jsmn_parse(&parser, json, length, tokens, TOKENS_MOST);
  if (count == JSMN_ERROR_NOMEM) {
    add(&reader, "", 0, "the settings hold too many values");
  } else if (count < 1) {
    add(&reader, "", 0, "the settings are no JSON");
  } else if (tokens[0].type != JSMN_OBJECT) {
    add(&reader, "", 0, "the settings must be a table");
  } else {
    for (int at = 1; at + 1 < count; at += 1 + span(tokens, at + 1, count)) {
      read_key(&reader, at, settings);
    }
  }
  return reader.count;
}
