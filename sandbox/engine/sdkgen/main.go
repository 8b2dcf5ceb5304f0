// Command sdkgen generates the SDK of a component package for one language: `sdkgen LANGUAGE [ENGINE]`.
//
// It is a language host that knows GeneratePackage and nothing else: programs of that language are not run by it. The
// generators come with the engine's own module; the hosts that usually carry them do not.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

const (
	tool       = "pulumi"
	watchEvery = time.Second
)

type generate func(*pulumirpc.GeneratePackageRequest, *schema.Package, schema.ReferenceLoader) (map[string][]byte, error)

var languages = map[string]generate{
	"go": func(
		asked *pulumirpc.GeneratePackageRequest, pkg *schema.Package, _ schema.ReferenceLoader,
	) (map[string][]byte, error) {
		return gogen.GeneratePackage(tool, pkg, asked.LocalDependencies)
	},
	"nodejs": func(
		asked *pulumirpc.GeneratePackageRequest, pkg *schema.Package, loader schema.ReferenceLoader,
	) (map[string][]byte, error) {
		return nodejs.GeneratePackage(tool, pkg, asked.ExtraFiles, asked.LocalDependencies, asked.Local, loader)
	},
	"python": func(
		asked *pulumirpc.GeneratePackageRequest, pkg *schema.Package, loader schema.ReferenceLoader,
	) (map[string][]byte, error) {
		return python.GeneratePackage(tool, pkg, asked.ExtraFiles, loader)
	},
}

type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	generate generate
}

func (*host) Handshake(
	context.Context, *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (*host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "1.0.0"}, nil
}

func (h *host) GeneratePackage(
	_ context.Context, asked *pulumirpc.GeneratePackageRequest,
) (*pulumirpc.GeneratePackageResponse, error) {
	client, err := schema.NewLoaderClient(asked.LoaderTarget)
	if err != nil {
		return nil, err
	}
	loader := schema.NewCachedLoader(client)
	var spec schema.PackageSpec
	if err := json.Unmarshal([]byte(asked.Schema), &spec); err != nil {
		return nil, fmt.Errorf("the schema is not JSON: %w", err)
	}
	pkg, found, err := schema.BindSpec(spec, loader, schema.ValidationOptions{AllowDanglingReferences: true})
	if err != nil {
		return nil, err
	}
	answer := &pulumirpc.GeneratePackageResponse{Diagnostics: plugin.HclDiagnosticsToRPCDiagnostics(found)}
	if found.HasErrors() {
		return answer, nil
	}
	files, err := h.generate(asked, pkg, loader)
	if err != nil {
		return nil, err
	}
	return answer, write(asked.Directory, files)
}

func write(folder string, files map[string][]byte) error {
	for name, content := range files {
		target := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func run(arguments []string) error {
	if len(arguments) == 0 || languages[arguments[0]] == nil {
		return fmt.Errorf("usage: sdkgen go|nodejs|python [ENGINE]")
	}
	ended := make(chan bool)
	if len(arguments) > 1 {
		engine, gone := context.WithCancel(context.Background())
		if err := rpcutil.Healthcheck(engine, arguments[len(arguments)-1], watchEvery, gone); err != nil {
			return err
		}
		go func() {
			<-engine.Done()
			close(ended)
		}()
	}
	served, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: ended,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, &host{generate: languages[arguments[0]]})
			return nil
		},
	})
	if err != nil {
		return err
	}
	fmt.Println(served.Port)
	return <-served.Done
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
