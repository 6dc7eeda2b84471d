#include "client/view/json_object.h"

#include <simdjson.h>

namespace xylem {

struct JsonObject::Parsed {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  bool valid = false;
};

JsonObject::JsonObject() : parsed_(std::make_unique<Parsed>()) {}
JsonObject::~JsonObject() = default;
JsonObject::JsonObject(JsonObject&&) noexcept = default;
JsonObject& JsonObject::operator=(JsonObject&&) noexcept = default;

bool JsonObject::parse(ByteView json) {
  Parsed& p = *parsed_;
  p.valid = p.parser.parse(json.data(), json.size()).get(p.object) == simdjson::SUCCESS;
  return p.valid;
}

JsonValue JsonObject::member(std::string_view name) const {
  JsonValue value;
  simdjson::dom::element element;
  if (!parsed_->valid || parsed_->object.at_key(name).get(element) != simdjson::SUCCESS) return value;
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::NULL_VALUE:
      value.type = JsonValue::Type::kNull;
      break;
    case element_type::BOOL:
      value.type = element.get_bool().value_unsafe() ? JsonValue::Type::kTrue : JsonValue::Type::kFalse;
      break;
    case element_type::INT64:
      value.type = JsonValue::Type::kInteger;
      value.integer = element.get_int64().value_unsafe();
      break;
    case element_type::UINT64:
      value.type = JsonValue::Type::kBigInteger;
      value.big = element.get_uint64().value_unsafe();
      break;
    case element_type::DOUBLE:
      value.type = JsonValue::Type::kReal;
      value.real = element.get_double().value_unsafe();
      break;
    case element_type::STRING:
      value.type = JsonValue::Type::kText;
      value.text = element.get_string().value_unsafe();
      break;
    case element_type::ARRAY:
    case element_type::OBJECT:
      value.type = JsonValue::Type::kNested;
      break;
  }
  return value;
}

}  // namespace xylem
