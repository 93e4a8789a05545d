package authn_test

// claimRules break rule 9.
func claimRules() map[string]attempt {
	with := func(text string) string { return rest("claimValidationRules: [" + text + "]") }
	return map[string]attempt{
		"9: claim":                  {with(`{claim: hd, requiredValue: acme}`), ""},
		"9: claim without value":    {with(`{claim: hd}`), ""},
		"9: expression":             {with(`{expression: 'claims.hd == "acme"', message: denied}`), ""},
		"9: neither":                {with(`{message: denied}`), "AU009"},
		"9: empty":                  {with(`{}`), "AU009"},
		"9: both":                   {with(`{claim: hd, expression: 'true'}`), "AU009"},
		"9: message with claim":     {with(`{claim: hd, message: denied}`), "AU009"},
		"9: value with expression":  {with(`{expression: 'true', requiredValue: a}`), "AU009"},
		"9: claim twice":            {with(`{claim: hd}, {claim: hd, requiredValue: a}`), "AU009"},
		"9: expression twice":       {with(`{expression: 'true'}, {expression: 'true'}`), "AU009"},
		"9: no bool":                {with(`{expression: 'claims.hd'}`), "AU009"},
		"9: string":                 {with(`{expression: '"true"'}`), "AU009"},
		"9: syntax":                 {with(`{expression: 'claims.hd =='}`), "AU009"},
		"9: user":                   {with(`{expression: 'user.username == "a"'}`), "AU009"},
		"9: any in a loop":          {with(`{expression: 'claims.roles.all(r, r != "a")'}`), "AU009"},
		"9: dyn in a loop":          {with(`{expression: 'dyn(claims.roles).all(r, r != "a")'}`), ""},
		"9: any as bool":            {with(`{expression: 'claims.admin'}`), "AU009"},
		"9: in":                     {with(`{expression: '"a" in claims.roles'}`), ""},
		"9: bad regular expression": {with(`{expression: 'string(claims.sub).matches("(")'}`), "AU009"},
		"9: bad duration":           {with(`{expression: 'duration("x") > duration("1s")'}`), "AU009"},
	}
}

// usernames break rules 10 and 15.
func usernames() map[string]attempt {
	with := func(text string) string { return mappings("username: {" + text + "}") }
	expression := func(text string) string { return with("expression: '" + text + "'") }
	return map[string]attempt{
		"10: prefix":                  {with(`claim: sub, prefix: "oidc:"`), ""},
		"10: none":                    {mappings("groups: {}"), "AU010"},
		"10: empty":                   {with(``), "AU010"},
		"10: prefix only":             {with(`prefix: a`), "AU010"},
		"10: no prefix":               {with(`claim: sub`), "AU010"},
		"10: prefix null":             {with(`claim: sub, prefix: null`), "AU010"},
		"10: both":                    {with(`claim: sub, prefix: "", expression: claims.sub`), "AU010"},
		"10: expression":              {expression(`claims.sub`), ""},
		"10: expression with prefix":  {with(`expression: claims.sub, prefix: ""`), "AU010"},
		"10: syntax":                  {expression(`claims.`), "AU010"},
		"10: unknown variable":        {expression(`claim.sub`), "AU010"},
		"10: unknown function":        {expression(`claims.sub.shout()`), "AU010"},
		"10: user":                    {expression(`user.username`), "AU010"},
		"17: username is a number":    {expression(`1`), ""},
		"17: username is a list":      {expression(`["a"]`), ""},
		"15: email":                   {expression(`claims.email`), "AU015"},
		"15: optional email":          {expression(`claims.?email.orValue("a")`), "AU015"},
		"15: email in a call":         {expression(`"a:" + claims.email`), "AU015"},
		"15: email by index":          {with(`expression: 'claims["email"]'`), ""},
		"15: email of claim":          {with(`claim: email, prefix: ""`), ""},
		"15: verified in username":    {expression(`claims.email_verified ? claims.email : claims.sub`), ""},
		"15: verified, compared":      {expression(`claims.email_verified == true ? claims.email : claims.sub`), ""},
		"15: verified in a rule":      {file(authenticator("", "username: {expression: claims.email}", `claimValidationRules: [{expression: 'claims.?email_verified.orValue(true) == true'}]`)), ""},
		"15: verified by claim":       {file(authenticator("", "username: {expression: claims.email}", `claimValidationRules: [{claim: email_verified, requiredValue: "true"}]`)), "AU015"},
		"15: verified in an extra":    {mappings(`username: {expression: claims.email}, extra: [{key: example.com/v, valueExpression: 'string(claims.email_verified)'}]`), ""},
		"15: verified in a user rule": {file(authenticator("", "username: {expression: claims.email}", `userValidationRules: [{expression: 'user.username == "email_verified"'}]`)), "AU015"},
	}
}

// groups break rules 11 and 12.
func groups() map[string]attempt {
	with := func(text string) string { return also("groups: {" + text + "}") }
	uid := func(text string) string { return also("uid: {" + text + "}") }
	return map[string]attempt{
		"11: claim":                  {with(`claim: groups, prefix: "oidc:"`), ""},
		"11: none":                   {with(``), ""},
		"11: prefix only":            {with(`prefix: a`), ""},
		"11: no prefix":              {with(`claim: groups`), "AU011"},
		"11: both":                   {with(`claim: groups, prefix: "", expression: claims.groups`), "AU011"},
		"11: expression with prefix": {with(`expression: claims.groups, prefix: "a"`), "AU011"},
		"11: any in a map":           {with(`expression: 'claims.groups.map(g, "a:" + g)'`), "AU011"},
		"11: any in a filter":        {with(`expression: 'claims.groups.filter(g, g != "a")'`), "AU011"},
		"11: optional in a map":      {with(`expression: 'claims.?groups.orValue([]).map(g, g)'`), "AU011"},
		"11: dyn in a map":           {with(`expression: 'dyn(claims.groups).map(g, "a:" + g)'`), ""},
		"11: second level in a map":  {with(`expression: 'claims.realm.roles.map(g, g)'`), ""},
		"11: mixed list":             {with(`expression: '["a", 1]'`), "AU011"},
		"17: split":                  {with(`expression: 'claims.roles.split(",")'`), ""},
		"17: groups are a bool":      {with(`expression: 'claims.roles == "a"'`), ""},
		"12: claim":                  {uid(`claim: sub`), ""},
		"12: expression":             {uid(`expression: claims.sub`), ""},
		"12: both":                   {uid(`claim: sub, expression: claims.sub`), "AU012"},
		"12: prefix":                 {uid(`claim: sub, prefix: a`), "AU021"},
		"12: syntax":                 {uid(`expression: claims.(`), "AU012"},
		"12: null":                   {also(`uid: null`), ""},
	}
}

// extras break rule 13.
func extras() map[string]attempt {
	with := func(text string) string { return also("extra: [" + text + "]") }
	key := func(text string) string { return with(`{key: "` + text + `", valueExpression: claims.sub}`) }
	return map[string]attempt{
		"13: key":               {key("example.com/a"), ""},
		"13: longer key":        {key("sub.example.com/a/b.c_d~e"), ""},
		"13: no key":            {with(`{valueExpression: claims.sub}`), "AU013"},
		"13: no domain":         {key("a"), "AU013"},
		"13: no path":           {key("example.com/"), "AU013"},
		"13: upper case path":   {key("example.com/A"), "AU013"},
		"13: upper case domain": {key("Example.com/a"), "AU013"},
		"13: bad domain":        {key("exa_mple.com/a"), "AU013"},
		"13: bad path":          {key("example.com/a b"), "AU013"},
		"13: kubernetes.io":     {key("kubernetes.io/a"), "AU013"},
		"13: below k8s.io":      {key("auth.k8s.io/a"), "AU013"},
		"13: not below k8s.io":  {key("myk8s.io/a"), ""},
		"13: key twice":         {with(`{key: example.com/a, valueExpression: claims.sub}, {key: example.com/a, valueExpression: claims.iss}`), "AU013"},
		"13: value twice":       {with(`{key: example.com/a, valueExpression: claims.sub}, {key: example.com/b, valueExpression: claims.sub}`), ""},
		"13: no value":          {with(`{key: example.com/a}`), "AU013"},
		"13: syntax":            {with(`{key: example.com/a, valueExpression: "claims["}`), "AU013"},
	}
}

// userRules break rule 14.
func userRules() map[string]attempt {
	with := func(text string) string { return rest("userValidationRules: [" + text + "]") }
	expression := func(text string) string { return with("{expression: '" + text + "'}") }
	return map[string]attempt{
		"14: username":          {expression(`!user.username.startsWith("system:")`), ""},
		"14: groups":            {expression(`user.groups.all(g, !g.startsWith("system:"))`), ""},
		"14: extra":             {expression(`user.extra["example.com/a"][0] == "a"`), ""},
		"14: message":           {with(`{expression: 'true', message: denied}`), ""},
		"14: none":              {with(`{message: denied}`), "AU014"},
		"14: empty":             {expression(``), "AU014"},
		"14: twice":             {with(`{expression: 'true'}, {expression: 'true', message: denied}`), "AU014"},
		"14: no bool":           {expression(`user.username`), "AU014"},
		"14: claims":            {expression(`claims.sub == "a"`), "AU014"},
		"14: unknown attribute": {expression(`user.name == "a"`), "AU014"},
		"14: syntax":            {expression(`user.username ==`), "AU014"},
		"14: wrong types":       {expression(`user.username == 1`), "AU014"},
	}
}

// anonymous break rule 16.
func anonymous() map[string]attempt {
	with := func(text string) string { return header + "anonymous: {" + text + "}\n" }
	return map[string]attempt{
		"16: enabled":             {with("enabled: true"), ""},
		"16: disabled":            {with("enabled: false"), ""},
		"16: nothing":             {with(""), ""},
		"16: null":                {header + "anonymous: null\n", ""},
		"16: paths":               {with("enabled: true, conditions: [{path: /livez}, {path: /readyz}]"), ""},
		"16: path without slash":  {with("enabled: true, conditions: [{path: livez}]"), ""},
		"16: path twice":          {with("enabled: true, conditions: [{path: /livez}, {path: /livez}]"), ""},
		"16: empty path":          {with("enabled: true, conditions: [{}]"), ""},
		"16: disabled with paths": {with("enabled: false, conditions: [{path: /livez}]"), "AU016"},
		"16: paths only":          {with("conditions: [{path: /livez}]"), "AU016"},
		"16: beside issuers":      {many(2) + "anonymous: {enabled: true, conditions: [{path: /livez}]}\n", ""},
	}
}
