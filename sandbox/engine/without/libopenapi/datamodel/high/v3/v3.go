// Package v3 has the parts of a document.
package v3

import (
	"github.com/pb33f/libopenapi/datamodel/high/base"
	"github.com/pb33f/libopenapi/orderedmap"
	"go.yaml.in/yaml/v4"
)

// Document describes an interface.
type Document struct {
	Info       *Info
	Paths      *Paths
	Components *Components
}

// Info names a document.
type Info struct{ Version string }

// Paths lists what can be called.
type Paths struct {
	PathItems *orderedmap.Map[string, *PathItem]
}

// Components lists the schemas.
type Components struct {
	Schemas *orderedmap.Map[string, *base.SchemaProxy]
}

// PathItem is one path.
type PathItem struct{ Get, Post, Put, Delete, Patch, Head *Operation }

// Operation is one method of a path.
type Operation struct {
	OperationId, Summary, Description string
	Tags                              []string
	Parameters                        []*Parameter
	RequestBody                       *RequestBody
	Responses                         *Responses
	Deprecated                        *bool
	Extensions                        *orderedmap.Map[string, *yaml.Node]
}

// Parameter is one of a call's.
type Parameter struct {
	Name, In, Description string
	Required              *bool
	Schema                *base.SchemaProxy
}

// RequestBody is what a call sends.
type RequestBody struct {
	Content *orderedmap.Map[string, *MediaType]
}

// MediaType is one form of a body.
type MediaType struct{ Schema *base.SchemaProxy }

// Responses lists the answers.
type Responses struct {
	Codes   *orderedmap.Map[string, *Response]
	Default *Response
}

// Response is one answer.
type Response struct {
	Description string
	Content     *orderedmap.Map[string, *MediaType]
}
