#pragma once

#include <string_view>

#include "lib/base/status.h"

namespace hone {

// Parameters of a plugin against the JSON Schema (draft 7) that it declares.
//
// Known: type, enum, const; minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf; minLength, maxLength (code points), pattern
// (PCRE2 with a budget); items (one schema), minItems, maxItems, uniqueItems; properties, required, additionalProperties, minProperties,
// maxProperties; allOf, anyOf, oneOf, not; true and false. Annotations (title, description, default, examples, format, $schema, $id,
// $comment, readOnly, writeOnly, deprecated) are left alone. Any other keyword is refused: a check that is not made must not look made.
//
// One rule is stricter than the standard: at the top, keys that `properties` does not name are errors unless additionalProperties says
// otherwise.
//
// Source: draft-handrews-json-schema-validation-01.

// InvalidArgument: not a JSON object, an unknown keyword or one of the wrong type, with its place. Empty text is the schema without
// properties.
absl::Status CheckSchema(std::string_view schema_json);

// InvalidArgument with all that is wrong with the parameters (a JSON object; empty: {}), one a line: `plugin: parameter "max" is 7, must be
// at most 5`. owner: whose parameters these are. The schema must have passed CheckSchema.
absl::Status CheckParams(std::string_view owner, std::string_view schema_json, std::string_view params_json);

}  // namespace hone
