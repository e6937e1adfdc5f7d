# Gives three services a new database role and revokes the old one. Two people of security agree before the first write and
# again before the point of no return; whoever executes the run is none of them. The password is made by the run, reaches
# programs by environment and standard input alone, and is never shown.
runbook rotate, "Rotate the database credentials" do
  language 1
  environments production, staging
  param services, list, default: ["api", "worker", "billing"]
  param db, string, default: "db.shop.sim"
  param new_role, string, default: "app_2026q1", matches: /^[a-z0-9_]+$/
  param old_role, string, default: "app_2025q4", matches: /^[a-z0-9_]+$/
  param approvers, list, env: "APPROVERS"
  secret admin, env: "PGPASSWORD"
  secret fresh, generate: 40
  role security, "Security", people: approvers, not: executor
  lock "credentials/#{db}"
  guard right_db, "The right database", sh: "psql -h #{db} -XAtc 'select current_database()'", is: "shop"

  precheck state, "State" do
    sh read: "psql -h #{db} -XAt -v role=#{new_role}", stdin: "select count(*) from pg_roles where rolname = :'role';",
       env: { PGPASSWORD: admin }, timeout: 10.s, parse: int, as: new_there, title: "Is there the new role?"
    assert new_there.value == 0, "the new role is free"
    sh read: "psql -h #{db} -XAt -v role=#{old_role}", stdin: "select count(*) from pg_roles where rolname = :'role';",
       env: { PGPASSWORD: admin }, timeout: 10.s, parse: int, as: old_there, title: "Is there the old role?"
    assert old_there.value == 1, "the old role is there"
  end

  confirm "Replace #{old_role} by #{new_role} for #{join(services)}?", key: approved,
          by: security, quorum: 2, within: 1.h, remind: 15.min, else: abort

  step create, "Create the new role" do
    undo do
      sh "psql -h #{db} -X -v ON_ERROR_STOP=1 -v role=#{new_role}", stdin: 'drop role if exists :"role";',
         env: { PGPASSWORD: admin }, timeout: 10.s, again: safe, title: "Drop the new role"
    end
    sh "psql -h #{db} -X -v ON_ERROR_STOP=1 -v role=#{new_role}", timeout: 10.s, again: never, title: "Create the role",
       env: { PGPASSWORD: admin, NEW_PASSWORD: fresh }, stdin: <<~'SQL'
      \getenv password NEW_PASSWORD
      create role :"role" login in role app password :'password';
    SQL
    probe do
      sh read: "psql -h #{db} -XAt -v role=#{new_role}", stdin: "select count(*) from pg_roles where rolname = :'role';",
         env: { PGPASSWORD: admin }, timeout: 10.s, parse: int, as: created
      done_when created.value == 1
    end
  end

  each service, in: services, max: 20, title: "Switch" do
    step switch, "Switch #{service}" do
      sh read: "vault kv metadata get -format=json -mount=secret shop/#{service}", timeout: 20.s, parse: json, as: before
      undo do
        sh "vault kv rollback -mount=secret -version=#{before.value.data.current_version} shop/#{service}", timeout: 20.s
        sh "kubectl -n shop rollout restart deployment/#{service}", timeout: 20.s, again: safe
        sh read: "kubectl -n shop rollout status deployment/#{service} --timeout=5m", timeout: 6.min
      end
      sh "vault kv put -mount=secret shop/#{service} username=#{new_role} password=-", stdin: fresh, timeout: 20.s, again: safe
      sh "kubectl -n shop rollout restart deployment/#{service}", timeout: 20.s, again: safe
      sh read: "kubectl -n shop rollout status deployment/#{service} --timeout=5m", timeout: 6.min
      http get: "http://#{service}.shop.sim/health", timeout: 10.s, retry: 4, every: 15.s, title: "#{service} is well"
    end
  end

  poll every: 30.s, for: 15.min, title: "Nobody uses #{old_role} any more" do
    sh read: "psql -h #{db} -XAt -v role=#{old_role}", stdin: "select count(*) from pg_stat_activity where usename = :'role';",
       env: { PGPASSWORD: admin }, timeout: 10.s, parse: int, as: sessions, title: "Sessions of #{old_role}"
    done_when sessions.value == 0
  end

  no_return "#{old_role} is gone for good", key: revoke, type: old_role,
            by: security, quorum: 2, within: 4.h, remind: 1.h, else: suspend
  step drop_old, "Revoke the old role" do
    sh destroy: "psql -h #{db} -X -v ON_ERROR_STOP=1 -v role=#{old_role}", stdin: 'drop role :"role";',
       env: { PGPASSWORD: admin }, timeout: 10.s, again: ask, title: "Drop #{old_role}"
  end

  rollback do
    each service, in: services, max: 20, stop_after: none do
      http get: "http://#{service}.shop.sim/health", timeout: 10.s, retry: 4, every: 15.s
    end
  end
end
