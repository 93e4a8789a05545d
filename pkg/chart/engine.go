package chart

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/Masterminds/sprig/v3"
)

// rootName names the template that all others belong to.
const rootName = "gotpl"

// What is put into templates to count how deep they are, how often they loop, and what they print.
const (
	enterName = "gatehouse_enter"
	leaveName = "gatehouse_leave"
	turnName  = "gatehouse_turn"
	showName  = "gatehouse_show"
)

// reserved finds the names of what only the engine may use: a chart that did would be counted wrong.
var reserved = regexp.MustCompile(`gatehouse_(enter|leave|turn|show)`)

// engine renders the templates of one chart, once.
type engine struct {
	root     *template.Template
	budget   *budget
	included map[string]int
	tpl      int
	// parsed counts what the files of templates take, apart from what rendering them takes.
	parsed int
}

func newEngine(steps int) *engine {
	e := &engine{root: template.New(rootName).Option("missingkey=zero"), budget: &budget{limit: steps}, included: map[string]int{}}
	e.root.Funcs(e.functions())
	e.bind(e.root)
	return e
}

// functions are those of templates: sprig's, without those that read the environment or ask for names, and Helm's.
func (e *engine) functions() template.FuncMap {
	all := sprig.TxtFuncMap()
	delete(all, "env")
	delete(all, "expandenv")
	all["getHostByName"] = func(string) string { return "" }
	all["lookup"] = func(string, string, string, string) map[string]any { return map[string]any{} }
	all["required"] = required
	all["fail"] = func(message string) (string, error) { return "", chartError(message) }
	// Those of text/template, so that they are counted too.
	all["print"], all["printf"], all["println"] = fmt.Sprint, fmt.Sprintf, fmt.Sprintln
	all["html"], all["js"], all["urlquery"] = template.HTMLEscaper, template.JSEscaper, template.URLQueryEscaper
	maps.Copy(all, conversions())
	tameMerges(all)
	guards, prices := e.budget.guards(), costs()
	for name, f := range all {
		all[name] = e.budget.bounded(f, e.budget.checks(name, guards), max(1, prices[name]))
	}
	all[enterName], all[leaveName], all[turnName] = e.budget.enter, e.budget.leave, e.budget.turn
	all[showName] = e.budget.show
	return all
}

func required(message string, value any) (any, error) {
	if value == nil || value == "" {
		return value, chartError(message)
	}
	return value, nil
}

// bind gives templates the functions that render the templates of t.
func (e *engine) bind(t *template.Template) {
	t.Funcs(template.FuncMap{
		"include": func(name string, data any) (string, error) { return e.include(t, name, data) },
		"tpl":     func(text string, data any) (string, error) { return e.render(t, text, data) },
	})
}

func (e *engine) parse(name, text string) error {
	if own := reserved.FindString(text); own != "" {
		return beyond("%s is no function for charts", own)
	}
	if e.parsed += parsing(text); e.parsed > maxParsed {
		return beyond("templates with too many actions")
	}
	_, err := e.root.New(name).Parse(text)
	return err
}

func (e *engine) include(t *template.Template, name string, data any) (string, error) {
	if e.included[name] > maxInclude {
		return "", beyond("template %q includes itself without end: stopped %d deep", name, maxInclude)
	}
	e.included[name]++
	defer func() { e.included[name]-- }()
	out, err := e.execute(t, name, data)
	return out, err
}

// render is the function "tpl": it renders a text that sees, and may define, templates. What it defines is gone after.
func (e *engine) render(parent *template.Template, text string, data any) (string, error) {
	if e.tpl++; e.tpl > maxTpl {
		return "", beyond("tpl renders what renders itself: stopped %d deep", maxTpl)
	}
	defer func() { e.tpl-- }()
	if err := e.budget.step(100 + parsing(text)); err != nil {
		return "", err
	}
	if own := reserved.FindString(text); own != "" {
		return "", beyond("%s is no function for charts", own)
	}
	t, err := parent.Clone()
	if err != nil {
		return "", err
	}
	// A clone forgets its options.
	t.Option("missingkey=zero")
	e.bind(t)
	if t, err = t.New(parent.Name()).Parse(text); err != nil {
		return "", err
	}
	if err := e.instrument(t); err != nil {
		return "", err
	}
	out, err := e.execute(t, t.Name(), data)
	return withoutNoValue(out), err
}

// execute renders a template into a text that is not too long.
func (e *engine) execute(t *template.Template, name string, data any) (string, error) {
	var out limited
	if err := t.ExecuteTemplate(&out, name, data); err != nil {
		if errors.Is(err, errTooLong) {
			err = beyond("template %q gives more than %d MiB", name, maxText>>20)
		}
		return "", err
	}
	return out.String(), e.budget.text(out.Len())
}

// limited is a text that can't be longer than a text may be.
type limited struct{ strings.Builder }

// Write adds to the text.
func (l *limited) Write(data []byte) (int, error) {
	if l.Len()+len(data) > maxText {
		return 0, errTooLong
	}
	return l.Builder.Write(data)
}

// instrument puts what counts into all templates of t that have none yet.
func (e *engine) instrument(t *template.Template) error {
	for _, one := range t.Templates() {
		if one.Tree == nil || one.Root == nil {
			continue
		}
		nodes := one.Root.Nodes
		if len(nodes) > 0 && nodes[0].String() == "{{"+enterName+"}}" {
			continue
		}
		counters, err := parse.Parse(one.ParseName, "{{"+enterName+"}}{{"+leaveName+"}}{{"+turnName+"}}", "", "",
			map[string]any{enterName: "", leaveName: "", turnName: ""})
		if err != nil {
			return fmt.Errorf("prepare template %s: %w", one.Name(), err)
		}
		counting := counters[one.ParseName].Root.Nodes
		watch(one.Root, counting[2])
		one.Root.Nodes = append(append([]parse.Node{counting[0]}, one.Root.Nodes...), counting[1])
	}
	return nil
}

// watch puts a node at the beginning of each loop, and what weighs values at the end of each action that prints one.
func watch(list *parse.ListNode, turn parse.Node) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.ActionNode:
			if len(node.Pipe.Decl) == 0 {
				// A copy of a command, since a new one belongs to no tree, and an error could not say where it is.
				show := *node.Pipe.Cmds[len(node.Pipe.Cmds)-1]
				show.Args = []parse.Node{parse.NewIdentifier(showName).SetPos(show.Pos)}
				node.Pipe.Cmds = append(node.Pipe.Cmds, &show)
			}
		case *parse.IfNode:
			watch(node.List, turn)
			watch(node.ElseList, turn)
		case *parse.WithNode:
			watch(node.List, turn)
			watch(node.ElseList, turn)
		case *parse.RangeNode:
			watch(node.List, turn)
			watch(node.ElseList, turn)
			node.List.Nodes = append([]parse.Node{turn}, node.List.Nodes...)
		}
	}
}
