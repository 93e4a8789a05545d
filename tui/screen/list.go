package screen

import (
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

// List is a table of any length. Its functions take the number of a row, in the order in which the page was built; they
// are pure, cheap (a few microseconds) and may be called from several goroutines.
type List struct {
	Columns []Column
	// Rows is how many there are.
	Rows int
	// Key names a row across versions of the list: the same thing has the same key.
	Key  func(row int) string
	Cell func(row, column int) Cell
	// Open is where Enter leads; nil or a zero place for nowhere.
	Open func(row int) Place
	// Jump is where the row's subject, role, binding or namespace is; a zero place when it has none.
	Jump func(row int, to Kind) Place
	// Nowhere says why Jump leads nowhere; nil or empty where there is no more to say than that.
	Nowhere func(row int, to Kind) string
	// Command is the kubectl command that shows the row, or does what it says; nil or empty for the page's.
	Command func(row int) string
	// Detail is what is shown of the row under the cursor beside the table: a proof, the rules; nil for nothing.
	Detail func(row int) *Text
	// Wishes are the changes that can be asked for at the row: a member's removal, the fix of a finding. Those that need
	// a word from the user come half filled in. nil for none.
	Wishes func(row int) []change.Wish
	// Sort is the column by which the list is sorted at first, counted from 1; 0 keeps the order of the rows.
	Sort       int
	Descending bool
	// Empty is said when there are no rows, in words that say why.
	Empty string
}

// Table describes a list of items of one type, column by column.
type Table[T any] struct {
	Columns []TypedColumn[T]
	Key     func(item T) string
	Open    func(item T) Place
	Jump    func(item T, to Kind) Place
	Nowhere func(item T, to Kind) string
	Command func(item T) string
	Detail  func(item T) *Text
	Wishes  func(item T) []change.Wish
	Sort    int
	Empty   string
}

// TypedColumn is a column with what its cells hold.
type TypedColumn[T any] struct {
	Column
	Cell func(item T) Cell
}

// Of returns the list of the items, which must not change afterwards.
func (t Table[T]) Of(items []T) *List {
	list := &List{Rows: len(items), Sort: t.Sort, Empty: t.Empty}
	for i := range t.Columns {
		list.Columns = append(list.Columns, t.Columns[i].Column)
	}
	list.Key = func(row int) string { return t.Key(items[row]) }
	list.Cell = func(row, column int) Cell { return t.Columns[column].Cell(items[row]) }
	list.Open = of(items, t.Open)
	list.Command = of(items, t.Command)
	list.Detail = of(items, t.Detail)
	list.Wishes = of(items, t.Wishes)
	if t.Jump != nil {
		list.Jump = func(row int, to Kind) Place { return t.Jump(items[row], to) }
	}
	if t.Nowhere != nil {
		list.Nowhere = func(row int, to Kind) string { return t.Nowhere(items[row], to) }
	}
	return list
}

// of makes a function of a row out of one of an item.
func of[T, R any](items []T, f func(T) R) func(int) R {
	if f == nil {
		return nil
	}
	return func(row int) R { return f(items[row]) }
}

// JumpTo answers [Table.Jump] for items that have a subject, a binding, a role and a namespace, any of which may be
// missing.
func JumpTo(to Kind, subject rbac.Subject, binding, role rbac.ObjectID, namespace string) Place {
	switch {
	case to == Subject && subject.Name != "":
		return Place{Kind: Subject, Subject: subject}
	case to == Binding && binding.Name != "":
		return Place{Kind: Binding, Namespace: binding.Namespace, Name: binding.Name}
	case to == Role && role.Name != "":
		return Place{Kind: Role, Namespace: role.Namespace, Name: role.Name}
	case to == Workspace && namespace != "":
		return Place{Kind: Workspace, Name: namespace}
	}
	return Place{}
}
