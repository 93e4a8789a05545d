package authn_test

import "strings"

// readings are files that are right or wrong before any value is looked at.
func readings() map[string]attempt {
	jsonFile := `{"apiVersion":"apiserver.config.k8s.io/v1","kind":"AuthenticationConfiguration","jwt":[%s]}`
	jsonIssuer := `{"issuer":{"url":"https://issuer.example.com","audiences":["app"]},"claimMappings":{"username":{"claim":"sub","prefix":""}}}`
	withVersion := func(v string) string { return strings.Replace(many(1), "apiserver.config.k8s.io/v1", v, 1) }
	return map[string]attempt{
		"read: no jwt":                   {header, ""},
		"read: jwt null":                 {header + "jwt: null\n", ""},
		"read: jwt empty":                {header + "jwt: []\n", ""},
		"read: one issuer":               {many(1), ""},
		"read: v1beta1":                  {withVersion("apiserver.config.k8s.io/v1beta1"), ""},
		"read: v1alpha1":                 {withVersion("apiserver.config.k8s.io/v1alpha1"), ""},
		"read: internal version":         {withVersion("apiserver.config.k8s.io/__internal"), "AU021"},
		"read: internal version, no jwt": {strings.Replace(header, "/v1", "/__internal", 1), ""},
		"read: v2":                       {withVersion("apiserver.config.k8s.io/v2"), "AU020"},
		"read: legacy group":             {withVersion("apiserver.k8s.io/v1alpha1"), "AU020"},
		"read: group of another":         {withVersion("k0rdent.mirantis.com/v1beta1"), "AU020"},
		"read: version is a number":      {withVersion("1"), "AU020"},
		"read: empty file":               {"", "AU020"},
		"read: blank file":               {"\n\n", "AU020"},
		"read: comment only":             {"# nothing\n", "AU020"},
		"read: null":                     {"null\n", "AU020"},
		"read: a word":                   {"hello\n", "AU020"},
		"read: a list":                   {"- " + strings.ReplaceAll(header, "\n", "\n  ") + "\n", "AU020"},
		"read: no kind":                  {"apiVersion: apiserver.config.k8s.io/v1\njwt: []\n", "AU020"},
		"read: no apiVersion":            {"kind: AuthenticationConfiguration\njwt: []\n", "AU020"},
		"read: another kind":             {strings.Replace(header, "Authentication", "Authorization", 1), "AU020"},
		"read: unknown kind":             {strings.Replace(header, "Authentication", "Authentification", 1), "AU020"},
		"read: Kind":                     {strings.Replace(header, "kind", "Kind", 1), "AU021"},
		"read: ApiVersion":               {strings.Replace(header, "apiVersion", "ApiVersion", 1), "AU021"},
		"read: metadata":                 {header + "metadata: {name: a}\n", "AU021"},
		"read: JWT":                      {header + "JWT: []\n", "AU021"},
		"read: Issuer":                   {strings.Replace(many(1), "issuer:", "Issuer:", 1), "AU021"},
		"read: URL":                      {strings.Replace(many(1), "url:", "URL:", 1), "AU021"},
		"read: discoveryUrl":             {issuer(issuerPart + `, discoveryUrl: "https://d.example.com"`), "AU021"},
		"read: unknown field":            {issuer(issuerPart + `, clientID: app`), "AU021"},
		"read: misplaced field":          {rest("certificateAuthority: x"), "AU021"},
		"read: unknown field in a rule":  {rest("userValidationRules: [{expression: 'true', reason: x}]"), "AU021"},
		"read: duplicate key":            {issuer(issuerPart + `, url: "https://issuer.example.com"`), "AU021"},
		"read: duplicate key on top":     {header + "jwt: []\njwt: []\n", "AU021"},
		"read: duplicate kind":           {header + "kind: AuthenticationConfiguration\n", "AU021"},
		"read: url is a number":          {issuer("url: 1, audiences: [app]"), "AU021"},
		"read: url is a list":            {issuer("url: [a], audiences: [app]"), "AU021"},
		"read: audiences is a string":    {issuer(`url: "https://issuer.example.com", audiences: app`), "AU021"},
		"read: jwt is a mapping":         {header + "jwt: {}\n", "AU021"},
		"read: jwt item is a string":     {header + "jwt: [a]\n", "AU021"},
		"read: enabled is a string":      {header + "anonymous: {enabled: 'true'}\n", "AU021"},
		"read: enabled is yes":           {header + "anonymous: {enabled: yes}\n", ""},
		"read: audience is a number":     {issuer(`url: "https://issuer.example.com", audiences: [1]`), "AU021"},
		"read: two documents":            {many(1) + "---\n" + header + "jwt: 3\n", ""},
		"read: second document broken":   {many(1) + "---\n{{{\n", ""},
		"read: starts with dashes":       {"---\n" + many(1), ""},
		"read: empty first document":     {"---\n---\n" + many(1), "AU020"},
		"read: comment first document":   {"# a\n---\n# b\n" + many(1), ""},
		"read: end of document":          {many(1) + "...\n", ""},
		"read: byte order mark":          {"\ufeff" + many(1), ""},
		"read: CRLF file":                {strings.ReplaceAll(many(1), "\n", "\r\n"), ""},
		"read: tab":                      {header + "jwt:\n\t- issuer: {}\n", "AU020"},
		"read: unclosed":                 {header + "jwt: [\n", "AU020"},
		"read: unknown alias":            {header + "jwt: *x\n", "AU020"},
		"read: alias":                    {file("- issuer: {url: \"https://a.example.com\", audiences: [app]}\n  claimMappings: &m {"+usernamePart+"}\n", "- issuer: {url: \"https://b.example.com\", audiences: [app]}\n  claimMappings: *m\n"), ""},
		"read: merge key":                {file("- issuer: &i {url: \"https://a.example.com\", audiences: [app]}\n  claimMappings: {"+usernamePart+"}\n", "- issuer: {<<: *i, url: \"https://b.example.com\"}\n  claimMappings: {"+usernamePart+"}\n"), "AU021"},
		"read: merge key, nothing twice": {file("- issuer: &i {url: \"https://a.example.com\", audiences: [app]}\n  claimMappings: {"+usernamePart+"}\n", "- issuer: {url: \"https://b.example.com\", audiences: [app]}\n  claimMappings: {username: {<<: {claim: sub}, prefix: a}}\n"), ""},
		"read: JSON":                     {strings.Replace(jsonFile, "%s", jsonIssuer, 1), ""},
		"read: JSON, twice the same key": {strings.Replace(jsonFile, "%s", strings.Replace(jsonIssuer, `"audiences"`, `"url":"https://b.example.com","audiences"`, 1), 1), "AU021"},
		"read: JSON, wrong case":         {strings.Replace(jsonFile, "%s", strings.Replace(jsonIssuer, "issuer", "Issuer", 1), 1), "AU021"},
		"read: JSON, something after it": {strings.Replace(jsonFile, "%s", jsonIssuer, 1) + "\n{}", "AU020"},
		"read: JSON, comma at the end":   {strings.Replace(jsonFile, "%s", jsonIssuer+",", 1), "AU020"},
	}
}

// issuers break rules 1 to 3.
func issuers() map[string]attempt {
	same := authenticator("", "", "")
	return map[string]attempt{
		"1: 64 authenticators":           {many(64), ""},
		"1: 65 authenticators":           {many(65), "AU001"},
		"2: no url":                      {issuer("audiences: [app]"), "AU002"},
		"2: empty url":                   {url(""), "AU002"},
		"2: no issuer":                   {file("- claimMappings: {" + usernamePart + "}\n"), "AU002 AU005"},
		"2: url twice":                   {file(same, same), "AU002"},
		"2: url twice but for a slash":   {file(same, strings.Replace(same, ".com", ".com/", 1)), ""},
		"2: service accounts' issuer":    {url(serviceAccountIssuer), "AU002"},
		"2: service accounts' and slash": {url(serviceAccountIssuer + "/"), ""},
		"3: http":                        {url("http://issuer.example.com"), "AU003"},
		"3: HTTPS":                       {url("HTTPS://issuer.example.com"), ""},
		"3: no scheme":                   {url("issuer.example.com"), "AU003"},
		"3: user":                        {url("https://user@issuer.example.com"), "AU003"},
		"3: password":                    {url("https://user:word@issuer.example.com"), "AU003"},
		"3: query":                       {url("https://issuer.example.com?a=b"), "AU003"},
		"3: empty query":                 {url("https://issuer.example.com?"), ""},
		"3: fragment":                    {url("https://issuer.example.com#a"), "AU003"},
		"3: unparseable":                 {url("https://issuer example.com"), "AU003"},
		"3: bad port":                    {url("https://issuer.example.com:x"), "AU003"},
		"3: port and path":               {url("https://issuer.example.com:5556/dex"), ""},
		"3: no host":                     {url("https://"), ""},
	}
}

// discoveries break rules 3, 4 and 8.
func discoveries() map[string]attempt {
	with := func(text string) string { return issuer(issuerPart + `, discoveryURL: "` + text + `"`) }
	two := func(text string) string {
		return file(
			authenticator(issuerPart+`, discoveryURL: "`+text+`"`, "", ""),
			authenticator(`url: "https://b.example.com", audiences: [app], discoveryURL: "`+text+`"`, "", ""),
		)
	}
	egress := func(text string) string { return issuer(issuerPart + ", egressSelectorType: " + text) }
	return map[string]attempt{
		"4: discovery":                  {with("https://d.example.com/.well-known/openid-configuration"), ""},
		"4: empty discovery":            {with(""), ""},
		"4: discovery twice empty":      {two(""), ""},
		"4: discovery as the issuer":    {with("https://issuer.example.com"), "AU004"},
		"4: discovery as the issuer, /": {with("https://issuer.example.com//"), "AU004"},
		"4: discovery twice":            {two("https://d.example.com"), "AU004"},
		"4: service accounts' issuer":   {with(serviceAccountIssuer), ""},
		"3: discovery over http":        {with("http://d.example.com"), "AU003"},
		"3: discovery with user":        {with("https://u:p@d.example.com"), "AU003"},
		"3: discovery with query":       {with("https://d.example.com?a"), "AU003"},
		"3: discovery with fragment":    {with("https://d.example.com#a"), "AU003"},
		"3: discovery unparseable":      {with("https://d.example.com/%zz"), "AU003"},
		"8: cluster":                    {egress("cluster"), ""},
		"8: controlplane":               {egress("controlplane"), ""},
		"8: etcd":                       {egress("etcd"), "AU008"},
		"8: Cluster":                    {egress("Cluster"), "AU008"},
		"8: empty":                      {egress(`""`), ""},
	}
}

// audiences break rules 5 and 6.
func audiences() map[string]attempt {
	with := func(text string) string { return issuer(`url: "https://issuer.example.com", ` + text) }
	return map[string]attempt{
		"5: no audiences":       {with("audiences: []"), "AU005"},
		"5: audiences missing":  {issuer(`url: "https://issuer.example.com"`), "AU005"},
		"5: empty audience":     {with(`audiences: [""]`), "AU005"},
		"5: audience twice":     {with(`audiences: [a, a], audienceMatchPolicy: MatchAny`), "AU005"},
		"6: two without policy": {with(`audiences: [a, b]`), "AU006"},
		"6: two with policy":    {with(`audiences: [a, b], audienceMatchPolicy: MatchAny`), ""},
		"6: two, other policy":  {with(`audiences: [a, b], audienceMatchPolicy: MatchAll`), "AU006"},
		"6: one, policy":        {with(`audiences: [a], audienceMatchPolicy: MatchAny`), ""},
		"6: one, empty policy":  {with(`audiences: [a], audienceMatchPolicy: ""`), ""},
		"6: one, other policy":  {with(`audiences: [a], audienceMatchPolicy: matchAny`), "AU006"},
	}
}

// authorities break rule 7.
func authorities(certificate, key string) map[string]attempt {
	return map[string]attempt{
		"7: certificate":           {authority(certificate), ""},
		"7: no newline at the end": {authority(strings.TrimSpace(certificate)), ""},
		"7: two certificates":      {authority(certificate + certificate), ""},
		"7: text around it":        {authority("root\n" + certificate + "end"), ""},
		"7: CRLF":                  {authority(strings.ReplaceAll(certificate, "\n", "\r\n")), ""},
		"7: with a private key":    {authority(key + certificate), ""},
		"7: private key only":      {authority(key), "AU007"},
		"7: text":                  {authority("test-cluster-auth-ca-cert-data"), "AU007"},
		"7: empty":                 {authority(""), ""},
		"7: newline":               {authority("\n"), "AU007"},
		"7: no certificate in it":  {authority("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "AU007"},
		"7: good and bad":          {authority(certificate + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "AU007"},
		"7: headers":               {authority(strings.Replace(certificate, "-----\n", "-----\na: b\n\n", 1)), "AU007"},
		"7: trusted certificate":   {authority(strings.ReplaceAll(certificate, " CERTIFICATE", " TRUSTED CERTIFICATE")), "AU007"},
		"7: one line":              {authority(strings.ReplaceAll(certificate, "\n", " ")), "AU007"},
	}
}
