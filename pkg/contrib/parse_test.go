package contrib_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

func TestParseMembers(t *testing.T) {
	t.Parallel()
	day := time.Date(2030, 1, 31, 0, 0, 0, 0, time.UTC)
	two := []contrib.Grant{
		{Workspace: "team-a", Subject: bob, Role: workspace.Editor},
		{Workspace: "team-a", Subject: rbac.Group("ml"), Role: workspace.Viewer, Expires: day, NoHTTP: true},
	}
	cases := map[string]struct {
		name, in, workspace string
		want                []contrib.Grant
		empty               []string
	}{
		"map of roles": {in: "team-a:\n  bob@x.com: editor\n  group:ml: {role: viewer, expires: 2030-01-31, http: false}\n", want: two},
		"JSON":         {name: "m.json", in: `{"team-a": {"bob@x.com": "editor", "group:ml": {"role": "view", "expires": "2030-01-31T00:00:00Z", "http": false}}}`, want: two},
		"list":         {in: "- {workspace: team-a, subject: bob@x.com, role: contributor}\n- {workspace: team-a, subject: group:ml, role: kubeflow-view, expires: 2030-01-31T02:00:00+02:00, http: \"false\"}\n", want: two},
		"list, default workspace": {
			in: "- {subject: bob@x.com, role: editor}\n- {subject: group:ml, role: viewer, expires: 2030-01-31, http: false}\n", workspace: "team-a", want: two,
		},
		"map of lists":  {in: "team-a:\n- {subject: bob@x.com, role: editor}\n- {subject: group:ml, role: viewer, expires: 2030-01-31, http: false}\n", want: two},
		"two documents": {in: "team-a:\n  bob@x.com: editor\n---\n- {workspace: team-a, subject: group:ml, role: viewer, expires: 2030-01-31, http: false}\n", want: two},
		"aliases":       {in: "team-a: &a\n  bob@x.com: editor\nteam-b: *a\n", want: []contrib.Grant{two[0], {Workspace: "team-b", Subject: bob, Role: workspace.Editor}}},
		"merge keys":    {in: "team-a:\n  bob@x.com: &e {role: editor}\n  group:ml: {<<: *e, role: viewer, expires: 2030-01-31, http: false}\n", want: two},
		"nothing":       {in: "# nobody yet\n"},
		"nobody":        {in: "team-c: []\nteam-a:\nteam-b: {}\n", empty: []string{"team-a", "team-b", "team-c"}},
		"nobody, somebody elsewhere": {
			in: "team-a:\n  bob@x.com: editor\nteam-b: {}\n---\nteam-a: {}\n", want: two[:1], empty: []string{"team-b"},
		},
		"CSV":          {name: "m.csv", in: "team-a,bob@x.com,editor\nteam-a, group:ml, viewer, 2030-01-31, false\n", want: two},
		"CSV, header":  {name: "m.csv", in: "\ufeffsubject,role,http,expires\r\nbob@x.com,editor,,\r\n# later\r\n\r\ngroup:ml,viewer,FALSE,2030-01-31\r\n", workspace: "team-a", want: two},
		"CSV by sight": {in: "# exported\nworkspace;subject;role;expires;http\nteam-a;bob@x.com;editor;;true\nteam-a;group:ml;viewer;2030-01-31;false\n", want: nil},
		"same twice":   {name: "m.csv", in: "team-a,bob@x.com,editor\nteam-a,group:ml,viewer,2030-01-31,false\nteam-a,user:bob@x.com,edit\n", want: two},
		"own role and name": {in: "team-a:\n  sa:ci/robot: {role: clusterrole/trainer, name: robots}\n", want: []contrib.Grant{{
			Workspace: "team-a", Subject: rbac.ServiceAccount("ci", "robot"), Name: "robots",
			RoleRef: &rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "trainer"},
		}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "CSV by sight" {
				// The separator is told by the first line, which is a comment here.
				tc.in, tc.want = strings.TrimPrefix(tc.in, "# exported\n"), two
			}
			got, empty, err := contrib.ParseMembers(strings.NewReader(tc.in), tc.name, tc.workspace)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.empty, empty); diff != "" {
				t.Errorf("workspaces without members (-want +got):\n%s", diff)
			}
			for i := range got {
				if got[i].Line < 1 || got[i].File != tc.name {
					t.Errorf("member %d is from line %d of %q", i, got[i].Line, got[i].File)
				}
				got[i].File, got[i].Line = "", 0
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseMembersErrors(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ name, in, want string }{
		"no workspace":        {"m.yaml", "- {subject: bob, role: editor}\n", "m.yaml:1: read member: its workspace is missing"},
		"bad workspace":       {"m.yaml", "Team A:\n  bob: editor\n", `m.yaml:2: read member: workspace "Team A" is no name of a namespace`},
		"no subject":          {"m.yaml", "- workspace: a\n  role: editor\n", "m.yaml:1: read member: its subject is missing"},
		"no role":             {"m.yaml", "a:\n  bob:\n", `m.yaml:2: read member "bob": its role is missing`},
		"bad role":            {"m.yaml", "a:\n  bob: king\n", `m.yaml:2: parse role "king": want viewer, editor or owner`},
		"bad own role":        {"m.yaml", "a:\n  bob: group/x\n", `m.yaml:2: parse role "group/x": want viewer, editor, owner, clusterrole/NAME or role/NAME`},
		"bad subject":         {"m.yaml", "a:\n  sa:robot: viewer\n", `m.yaml:2: parse subject "sa:robot": want sa:NAMESPACE/NAME`},
		"white space":         {"m.yaml", "a:\n  'bob ': viewer\n", `m.yaml:2: read member "bob ": there is white space around its name, or a control character in it`},
		"control character":   {"m.yaml", "a:\n  \"b\\u001bob\": viewer\n", `m.yaml:2: read member "b\x1bob": there is white space around its name, or a control character in it`},
		"span of time":        {"m.yaml", "a:\n  bob: {role: viewer, expires: 7d}\n", `m.yaml:2: expires: "7d" is no date: want one such as 2030-01-31 or 2030-01-31T18:00:00Z`},
		"bad http":            {"m.yaml", "a:\n  bob: {role: viewer, http: maybe}\n", `m.yaml:2: parse http "maybe": want true or false`},
		"unknown field":       {"m.yaml", "a:\n  bob:\n    role: viewer\n    expire: 2030-01-31\n", `m.yaml:4: read member: unknown field "expire"; did you mean expires?`},
		"workspace twice":     {"m.yaml", "a:\n- {workspace: b, subject: bob, role: viewer}\n", `m.yaml:2: read member: unknown field "workspace"; want one of subject, role, expires, http, name`},
		"key twice":           {"m.yaml", "a:\n  bob: viewer\n  bob: viewer\n", `m.yaml:3: read members: "bob" is there twice, first on line 2`},
		"two roles":           {"m.csv", "a,bob,viewer\na,user:bob,editor\n", "m.csv:2: bob has the role editor in a here, and viewer in line 1"},
		"two dates":           {"m.csv", "a,bob,viewer\na,bob,viewer,2030-01-31\n", "m.csv:2: bob is in a already, in line 1, and not with the same"},
		"scalar":              {"m.yaml", "bob\n", "m.yaml:1: read members: want a list of members, or workspaces with their members"},
		"scalar in workspace": {"m.yaml", "a: bob\n", `m.yaml:1: read members of "a": want subjects with their roles, or a list of members`},
		"list in member":      {"m.yaml", "a:\n  bob: [viewer]\n", `m.yaml:2: read member "bob": want a role, or role, expires, http and name`},
		"scalar in list":      {"m.yaml", "- bob\n", "m.yaml:1: read member: want workspace, subject, role, expires, http and name"},
		"map in field":        {"m.yaml", "- {workspace: a, subject: {}, role: viewer}\n", "m.yaml:1: read member: subject: want a string, not a mapping"},
		"name is no text":     {"m.yaml", "? [a]\n: {}\n", "m.yaml:1: read members: want a string as a key, not a list"},
		"YAML":                {"m.yaml", "a:\n  bob: viewer\n c: d\n", "m.yaml:2: did not find expected key"},
		"too many fields":     {"m.csv", "a,b,viewer,,,,\n", "m.csv:1: read CSV: 7 fields, and there are 6 columns"},
		"unknown column":      {"m.csv", "subject,rolle\n", `m.csv:1: read CSV: column "rolle": want some of workspace, subject, role, expires, http, name`},
		"column twice":        {"m.csv", "subject,role,role\n", `m.csv:1: read CSV: column "role" is there twice`},
		"quotes":              {"m.csv", "a,\"b\"c,viewer\n", `m.csv:1: read CSV: extraneous or missing " in quoted-field`},
		"several mistakes": {
			"m.yaml", "a:\n  bob: king\n  eve: {role: viewer, expire: 1}\n  carol: editor\nB: {dan: viewer}\n",
			"m.yaml:2: parse role \"king\": want viewer, editor or owner\n" +
				"m.yaml:3: read member: unknown field \"expire\"; did you mean expires?\n" +
				"m.yaml:5: read member: workspace \"B\" is no name of a namespace",
		},
		"several mistakes, CSV": {
			"m.csv", "a,bob,king\na,carol,editor\na,,viewer\na,b,viewer,,,,\n",
			"m.csv:1: parse role \"king\": want viewer, editor or owner\n" +
				"m.csv:3: read member: its subject is missing\n" +
				"m.csv:4: read CSV: 7 fields, and there are 6 columns",
		},
		"no text": {"m.csv", "a,\xff,viewer\n", "read m.csv: it is not UTF-8 text"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _, err := contrib.ParseMembers(strings.NewReader(tc.in), tc.name, "")
			if err == nil || err.Error() != tc.want {
				t.Errorf("error = %v\nwant    %s\ngrants %v", err, tc.want, got)
			}
		})
	}
}

func FuzzParseMembers(f *testing.F) {
	f.Add("m.csv", "a,bob,viewer\n")
	f.Add("m.yaml", "a:\n  bob: {role: viewer, expires: 2030-01-31, http: false}\n")
	f.Add("m", "- {workspace: a, subject: bob, role: role/x}\n")
	f.Fuzz(func(t *testing.T, name, text string) {
		grants, _, err := contrib.ParseMembers(strings.NewReader(text), name, "team")
		if err != nil {
			return
		}
		file, err := contrib.MembersFile(grants)
		if err != nil {
			t.Fatal(err)
		}
		again, _, err := contrib.ParseMembers(strings.NewReader(string(file)), "again.yaml", "")
		if err != nil {
			t.Fatalf("read back: %v\n%s", err, file)
		}
		if len(again) != len(grants) {
			t.Errorf("%d members became %d:\n%s", len(grants), len(again), file)
		}
	})
}

func TestParseRole(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"editor": "editor", "kubeflow-view": "viewer", "ClusterRole/x": "clusterrole/x", "role/pod:reader": "role/pod:reader",
		"x/y": "", "role/": "", "clusterrole/a/b": "", "": "",
	}
	for in, want := range cases {
		role, ref, err := contrib.ParseRole(in)
		if got := (contrib.Grant{Role: role, RoleRef: ref}).RoleText(); got != want || (err == nil) != (want != "") {
			t.Errorf("ParseRole(%q) = %q, error %v, want %q", in, got, err, want)
		}
	}
}
