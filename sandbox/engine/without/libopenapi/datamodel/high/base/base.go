// Package base has the parts of a schema.
package base

import (
	"errors"

	"github.com/pb33f/libopenapi/orderedmap"
	"go.yaml.in/yaml/v4"
)

// DynamicValue is one of two kinds.
type DynamicValue[A any, B any] struct {
	A A
	B B
}

// IsA says whether it is of the first kind.
func (*DynamicValue[A, B]) IsA() bool { return false }

// IsB says whether it is of the second kind.
func (*DynamicValue[A, B]) IsB() bool { return false }

// Discriminator tells variants of a schema apart.
type Discriminator struct {
	PropertyName string
	Mapping      *orderedmap.Map[string, string]
}

// SchemaProxy refers to a schema.
type SchemaProxy struct{}

// Schema finds nothing.
func (*SchemaProxy) Schema() *Schema { return nil }

// Low is what a schema was read from.
type Low struct{}

// Hash tells no schemas apart.
func (*Low) Hash() uint64 { return 0 }

// Schema describes values.
type Schema struct {
	Type, Required                 []string
	Description, Format, Pattern   string
	AllOf, OneOf, AnyOf            []*SchemaProxy
	Properties                     *orderedmap.Map[string, *SchemaProxy]
	Items, AdditionalProperties    *DynamicValue[*SchemaProxy, bool]
	Discriminator                  *Discriminator
	Extensions                     *orderedmap.Map[string, *yaml.Node]
	Enum                           []*yaml.Node
	Default                        *yaml.Node
	MinLength, MaxLength           *int64
	Minimum, Maximum, MultipleOf   *float64
	Nullable, ReadOnly, Deprecated *bool
}

// GoLow finds nothing.
func (*Schema) GoLow() *Low { return nil }

// MarshalJSONInline refuses.
func (*Schema) MarshalJSONInline() ([]byte, error) { return nil, errors.New("there is no document") }
