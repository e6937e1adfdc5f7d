runbook ask, "A request that is not HTTP" do
  source prod, scrape: "unix:///run/app.sock"
#                      ^^^^^^^^^^^^^^^^^^^^^^ RB0201 "unix:///run/app.sock" is no URL; one reads `https://host:port/path`
  http get: "ftp://files.example/list", timeout: 5.s
#           ^^^^^^^^^^^^^^^^^^^^^^^^^^ RB0201 "ftp://files.example/list" is not asked over HTTP
# help: it begins with https:// or http://
  http get: "files.example/list", timeout: 5.s
#           ^^^^^^^^^^^^^^^^^^^^ RB0201 "files.example/list" is no URL; one reads `https://host:port/path`
  query prod
end
