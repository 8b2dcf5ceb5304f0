// Package libopenapi stands in for the module of that name, which only the command `pulumi cloud api` uses.
//
// Compiling the module takes a fifth of the time of compiling the whole engine, and the command talks to Pulumi Cloud,
// which the sandbox never does. What the command's source names is here, without a reader of documents.
package libopenapi

import (
	"errors"

	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// DocumentModel holds a document.
type DocumentModel[T any] struct{ Model T }

// Document is never made.
type Document interface {
	BuildV3Model() (*DocumentModel[v3.Document], error)
}

// NewDocument refuses.
func NewDocument([]byte) (Document, error) {
	return nil, errors.New("this engine is built for a sandbox, without the commands for Pulumi Cloud's API")
}
