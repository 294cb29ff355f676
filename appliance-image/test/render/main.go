// Renders the Helm chart by the libraries that Helm itself renders by, Go's text/template and sprig, where there is no Helm: the few
// functions that Helm adds are below. With Debian's packages golang-go, golang-github-masterminds-sprig-dev and golang-gopkg-yaml.v2-dev:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run main.go CHART RELEASE NAMESPACE [VALUES.yaml...]
//
// It prints the manifests, and the notes as a comment. Values are not checked by the schema.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"gopkg.in/yaml.v2"
)

func main() {
	if len(os.Args) < 4 {
		fail(errors.New("usage: main.go CHART RELEASE NAMESPACE [VALUES.yaml...]"))
	}
	folder := os.Args[1]
	chart := read(filepath.Join(folder, "Chart.yaml"))
	values := read(filepath.Join(folder, "values.yaml"))
	for _, file := range os.Args[4:] {
		merge(values, read(file))
	}
	data := map[string]interface{}{
		"Values": values,
		"Chart": map[string]interface{}{
			"Name": chart["name"], "Version": chart["version"], "AppVersion": chart["appVersion"],
		},
		"Release": map[string]interface{}{
			"Name": os.Args[2], "Namespace": os.Args[3], "Service": "Helm", "IsInstall": true, "IsUpgrade": false, "Revision": 1,
		},
	}
	files, err := filepath.Glob(filepath.Join(folder, "templates", "*"))
	fail(err)
	all := template.New("chart").Option("missingkey=zero")
	all.Funcs(functions(all))
	for _, file := range files {
		text, err := os.ReadFile(file)
		fail(err)
		_, err = all.New(filepath.Base(file)).Parse(string(text))
		fail(err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasPrefix(name, "_") {
			continue
		}
		text, err := execute(all, name, data)
		fail(err)
		switch {
		case name == "NOTES.txt":
			fmt.Println("---\n# NOTES\n# " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n# "))
		case strings.TrimSpace(text) != "":
			fmt.Println("---\n# Source: " + name + "\n" + strings.TrimPrefix(strings.TrimSpace(text), "---\n"))
		}
	}
}

func functions(all *template.Template) template.FuncMap {
	known := sprig.TxtFuncMap()
	delete(known, "env")
	delete(known, "expandenv")
	known["include"] = func(name string, data interface{}) (string, error) { return execute(all, name, data) }
	known["tpl"] = func(text string, data interface{}) (string, error) {
		copied, err := all.Clone()
		if err != nil {
			return "", err
		}
		if _, err = copied.New("tpl").Parse(text); err != nil {
			return "", err
		}
		return execute(copied, "tpl", data)
	}
	known["required"] = func(why string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, errors.New(why)
		}
		return value, nil
	}
	known["toYaml"] = func(value interface{}) (string, error) {
		text, err := yaml.Marshal(value)
		return strings.TrimSuffix(string(text), "\n"), err
	}
	known["lookup"] = func(string, string, string, string) (map[string]interface{}, error) {
		return map[string]interface{}{}, nil
	}
	return known
}

func execute(all *template.Template, name string, data interface{}) (string, error) {
	var out bytes.Buffer
	err := all.ExecuteTemplate(&out, name, data)
	return strings.ReplaceAll(out.String(), "<no value>", ""), err
}

func read(file string) map[string]interface{} {
	text, err := os.ReadFile(file)
	fail(err)
	var content map[interface{}]interface{}
	fail(yaml.Unmarshal(text, &content))
	return plain(content).(map[string]interface{})
}

// As Helm has it, which reads YAML by way of JSON: keys are texts, numbers are floating.
func plain(value interface{}) interface{} {
	switch found := value.(type) {
	case map[interface{}]interface{}:
		members := map[string]interface{}{}
		for name, member := range found {
			members[fmt.Sprint(name)] = plain(member)
		}
		return members
	case []interface{}:
		members := []interface{}{}
		for _, member := range found {
			members = append(members, plain(member))
		}
		return members
	case int:
		return float64(found)
	default:
		return value
	}
}

// Lays values over others; null takes one away.
func merge(under, over map[string]interface{}) {
	for name, value := range over {
		below, isGroup := under[name].(map[string]interface{})
		above, isAlsoGroup := value.(map[string]interface{})
		switch {
		case value == nil:
			delete(under, name)
		case isGroup && isAlsoGroup:
			merge(below, above)
		default:
			under[name] = value
		}
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
